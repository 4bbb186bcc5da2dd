# Frozen answers of R's survival and cmprsk on the sets of random_spells.csv.
#   Rscript tests/reference/make_random.R
# Nothing here is random: make_random_spells.py drew the sets.

suppressPackageStartupMessages({library(survival); library(cmprsk)})

script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
folder <- dirname(normalizePath(script))

# Seventeen significant digits bring back exactly the same double.
as_text <- function(column) {
  if (!is.numeric(column)) return(as.character(column))
  ifelse(is.na(column), NA, sprintf("%.17g", column))
}

freeze <- function(parts, name) {
  frame <- do.call(rbind, parts)
  text <- as.data.frame(lapply(frame, as_text), optional = TRUE)
  names(text) <- names(frame)
  write.csv(text, file.path(folder, paste0(name, ".csv")),
            row.names = FALSE, quote = FALSE, na = "", eol = "\n")
  cat(name, nrow(text), "rows\n")
}

# R may read a number one unit in the last place off; its neighbours tell whether it did.
exact <- function(text) {
  value <- as.numeric(text)
  for (k in which(!is.na(value) & value != 0)) {
    near <- value[k] * (1 + c(0, 1, -1) * .Machine$double.eps)
    value[k] <- near[match(text[k], sprintf("%.17g", near))]
    stopifnot(!is.na(value[k]))
  }
  value
}

spells <- read.csv(file.path(folder, "random_spells.csv"), colClasses = "character")
for (column in c("duration", "event", "entry", "weight")) {
  spells[[column]] <- exact(spells[[column]])
}
spells$set <- as.integer(spells$set)
sets <- read.csv(file.path(folder, "random_sets.csv"))
numbers <- sets$set
data_of <- function(i) { d <- spells[spells$set == i, ]; d$row <- seq_len(nrow(d)); d }
use <- function(i, what) sets[[what]][sets$set == i] == 1
weight_of <- function(i) sets$weight[sets$set == i]

# Whole weights without clusters are counts: each row stands for that many customers.
counts <- function(d) {
  if (!all(is.na(d$weight))) d <- d[rep(seq_len(nrow(d)), d$weight), ]
  d$row <- seq_len(nrow(d))
  d
}

# The times of the whole set are made equal first, as survfit(~ plan) does, then it is split.
response <- function(d, event = d$event) {
  aeqSurv(if (all(is.na(d$entry))) Surv(d$duration, event) else Surv(d$entry, d$duration, event))
}

single <- function(d, y, conf = "log-log", ...) {
  arguments <- list(y ~ 1, conf.type = conf, timefix = FALSE, ...)
  if (!all(is.na(d$weight))) arguments$weights <- d$weight
  if (any(d$customer != "")) arguments <- c(arguments, list(cluster = d$customer, robust = TRUE))
  environment(arguments[[1]]) <- environment()
  do.call(survfit, arguments)
}

# --- Kaplan-Meier and Nelson-Aalen: every distinct time, error of S itself, four kinds of limits
km <- function(i, d, y, group) {
  fit <- single(d, y)
  s <- summary(fit, censored = TRUE)
  frame <- data.frame(set = i, group = group, time = s$time, n_risk = s$n.risk,
                      n_event = s$n.event, n_censor = s$n.censor, surv = s$surv,
                      std_err = s$std.err, cumhaz = s$cumhaz, std_chaz = s$std.chaz)
  for (conf in c("log-log", "log", "plain", "logit")) {
    fit <- single(d, y, conf)
    frame[[paste0("low_", conf)]] <- fit$lower
    frame[[paste0("high_", conf)]] <- fit$upper
  }
  frame
}

# --- quantiles, R's rule: where S is level at 1 - q (within its tolerance), the middle of the step
quantiles <- function(i, d, y, group) {
  q <- c(.1, .25, .5, .75)
  do.call(rbind, lapply(c("log-log", "log"), function(conf) {
    got <- quantile(single(d, y, conf), q)
    data.frame(set = i, group = group, conf = conf, q = q, estimate = unname(got$quantile),
               lower = unname(got$lower), upper = unname(got$upper))
  }))
}

# --- restricted mean: until a time of the curve, between two, and the last. std_err is survmean's
# (Greenwood), for rows without fractional weights and customers. robust_se adds up what a row or a
# customer contributes to the area under the curve: R's influence matrix times the widths.
restricted <- function(i, d, y, group) {
  fit <- single(d, y)
  influenced <- single(d, y, influence = TRUE)
  k <- ceiling(.6 * length(fit$time))
  after <- fit$time[min(k + 1, length(fit$time))]
  untils <- c(fit$time[k], (fit$time[k] + after) / 2, max(fit$time))
  greenwood <- !any(d$customer != "") && (all(is.na(d$weight)) || weight_of(i) == "whole")
  per <- influenced$influence.surv
  stopifnot(isTRUE(all.equal(sqrt(colSums(per^2)), influenced$std.err, tolerance = 1e-10)))
  do.call(rbind, lapply(seq_along(untils), function(j) {
    got <- survival:::survmean(fit, rmean = untils[j])$matrix
    inside <- fit$time < untils[j]
    widths <- diff(c(fit$time[inside], untils[j]))
    area <- per[, inside, drop = FALSE] %*% widths
    data.frame(set = i, group = group, until = untils[j],
               where = c("at", "between", "last")[j], rmean = got[["rmean"]],
               std_err = if (greenwood) got[["se(rmean)"]] else NA,
               robust_se = sqrt(sum(area^2)))
  }))
}

# --- Aalen-Johansen. survfit's error is the infinitesimal jackknife, each row for itself; this
# version passes over cluster= here, so the rows' influences are added up by customer below. It also
# counts rows at risk and rows with an event, whatever their weights.
incidence <- function(i, d, kind) {
  reasons <- sort(unique(d$reason[d$event == 1]))
  state <- factor(ifelse(d$event == 1, d$reason, "none"), c("none", reasons))
  y <- response(d, state)
  w <- if (all(is.na(d$weight)) || kind == "count") rep(1, nrow(d)) else d$weight
  fit <- survfit(y ~ 1, id = d$row, weights = w, timefix = FALSE, influence = TRUE)
  stopifnot(fit$states[1] == "(s0)", fit$states[-1] == reasons, fit$n == nrow(d))
  per <- fit$influence.pstate * w
  by_row <- sqrt(apply(per^2, 2:3, sum))[-1, , drop = FALSE]
  stopifnot(isTRUE(all.equal(by_row, fit$std.err, check.attributes = FALSE, tolerance = 1e-8)))
  error <- fit$std.err
  if (any(d$customer != "")) {
    together <- apply(per, 2:3, function(x) rowsum(x, d$customer))
    error <- sqrt(apply(together^2, 2:3, sum))[-1, , drop = FALSE]
  }
  do.call(rbind, lapply(seq_along(reasons), function(j) data.frame(
    set = i, weights = kind, reason = reasons[j], time = fit$time,
    rows_at_risk = fit$n.risk[, 1], rows_event = fit$n.event[, j + 1], estimate = fit$pstate[, j + 1], std_err = error[, j + 1])))
}

# --- cmprsk's cuminc, at the times of the set at which there is an event (of any reason), the
# value after the step. A reason's variance changes only at its own events.
cuminc_rows <- function(i, d) {
  fit <- cuminc(d$duration, ifelse(d$event == 1, d$reason, "none"), cencode = "none")
  times <- sort(unique(d$duration[d$event == 1]))
  do.call(rbind, lapply(names(fit), function(name) {
    # The step function has two points at a step: the last one at or before t is after it.
    at <- findInterval(times, fit[[name]]$time)
    data.frame(set = i, reason = sub("^1 ", "", name), time = times,
               estimate = fit[[name]]$est[at], variance = fit[[name]]$var[at])
  }))
}

gray <- function(i, d) {
  choices <- expand.grid(rho = 0:1, stratified = 0:1)
  do.call(rbind, lapply(seq_len(nrow(choices)), function(j) {
    strata <- if (choices$stratified[j] == 1) d$region else rep(1, nrow(d))
    got <- cuminc(d$duration, ifelse(d$event == 1, d$reason, "none"), d$plan, strata,
                  rho = choices$rho[j], cencode = "none")$Tests
    # -1 is cmprsk's sign of a singular variance matrix.
    bad <- is.na(got[, "stat"]) | got[, "stat"] < 0
    data.frame(set = i, reason = rownames(got), rho = choices$rho[j],
               stratified = choices$stratified[j], statistic = ifelse(bad, NA, got[, "stat"]),
               df = got[, "df"], p_value = ifelse(bad, NA, got[, "pv"]))
  }))
}

# --- log-rank (rho = 0) and Peto-Prentice with S(t-) (rho = 1)
logrank <- function(i, d) {
  y <- Surv(d$duration, d$event)  # survdiff makes near times equal itself
  plan <- factor(d$plan)
  overall <- groups <- list()
  for (stratified in 0:1) for (rho in 0:1) {
    region <- if (stratified == 1) d$region else rep("1", nrow(d))
    fit <- tryCatch(survdiff(y ~ plan + strata(region), rho = rho), error = function(e) {
      if (grepl("singular", conditionMessage(e))) NULL else stop(e)
    })
    if (is.null(fit)) {  # R stops at a singular variance matrix
      overall <- c(overall, list(data.frame(set = i, rho = rho, stratified = stratified,
                                            statistic = NA, df = NA, p_value = NA)))
      next
    }
    total <- function(x) if (is.matrix(x)) rowSums(x) else as.vector(x)
    df <- sum(total(fit$exp) > 0) - 1
    overall <- c(overall, list(data.frame(
      set = i, rho = rho, stratified = stratified, statistic = if (df > 0) fit$chisq else NA,
      df = df, p_value = if (df > 0) pchisq(fit$chisq, df, lower.tail = FALSE) else NA)))
    groups <- c(groups, list(data.frame(
      set = i, rho = rho, stratified = stratified, plan = levels(plan), n = as.vector(table(plan)),
      observed = total(fit$obs), expected = total(fit$exp), variance = diag(as.matrix(fit$var)))))
  }
  list(overall = do.call(rbind, overall), groups = do.call(rbind, groups))
}

# --- late entries, weights, customers: Cox's score at 0, ties by Breslow. `score` is the model's
# (Breslow's variance), `robust` Lin and Wei's: scores added up by row or customer, then squared.
# `exact` is the score of the exact partial likelihood, whose variance is the log-rank test's.
score <- function(i, d) {
  y <- response(d)
  plan <- factor(d$plan)
  weight <- if (all(is.na(d$weight))) rep(1, nrow(d)) else d$weight
  who <- if (any(d$customer != "")) d$customer else d$row
  zero <- rep(0, nlevels(plan) - 1)
  do.call(rbind, lapply(0:1, function(stratified) {
    region <- if (stratified == 1) d$region else rep("1", nrow(d))
    fit <- suppressWarnings(coxph(
      y ~ plan + strata(region), weights = weight, cluster = who, robust = TRUE, ties = "breslow",
      init = zero, iter.max = 0, timefix = FALSE, x = TRUE, y = TRUE))
    fit$linear.predictors <- 0 * fit$linear.predictors
    per <- as.matrix(residuals(fit, type = "score", weighted = TRUE, collapse = who))
    again <- survival:::coxph.wtest(crossprod(per), colSums(per), 1e-9)
    stopifnot(isTRUE(all.equal(fit$rscore, again$test)))
    exact <- NA
    if (all(weight == 1)) exact <- suppressWarnings(coxph(
      y ~ plan + strata(region), ties = "exact", init = zero, iter.max = 0,
      timefix = FALSE))$score
    possible <- qr(crossprod(per))$rank == length(zero)
    breslow <- fit$score
    data.frame(set = i, stratified = stratified, df = length(zero), score = breslow,
               robust = if (possible) fit$rscore else NA, robust_df = again$df, exact = exact)
  }))
}

curves <- quantile_rows <- means <- multi <- cumulative <- grays <- tests <- groups <- scores <- list()
several <- numbers[seq(1, length(numbers), 5)]
for (i in numbers) {
  d <- data_of(i)
  y <- response(d)
  # A set for itself, and for one set in five each plan.
  chosen <- c(list(all = rep(TRUE, nrow(d))),
              if (i %in% several) sapply(sort(unique(d$plan)), function(p) d$plan == p, simplify = FALSE))
  for (group in names(chosen)) {
    part <- d[chosen[[group]], ]
    part_y <- y[chosen[[group]], ]
    curves <- c(curves, list(km(i, part, part_y, group)))
    quantile_rows <- c(quantile_rows, list(quantiles(i, part, part_y, group)))
    if (group == "all") means <- c(means, list(restricted(i, part, part_y, group)))
  }
  plain <- !use(i, "entry") && !use(i, "customer") && weight_of(i) != "quarters"
  kind <- if (weight_of(i) == "none") "none" else "weight"
  multi <- c(multi, list(incidence(i, d, kind)))
  if (weight_of(i) == "whole" && !use(i, "customer")) {
    multi <- c(multi, list(incidence(i, counts(d), "count")))
  }
  if (plain) {
    cumulative <- c(cumulative, list(cuminc_rows(i, counts(d))))
    grays <- c(grays, list(gray(i, counts(d))))
    got <- logrank(i, counts(d))
    tests <- c(tests, list(got$overall))
    groups <- c(groups, list(got$groups))
  } else {
    scores <- c(scores, list(score(i, d)))
  }
}
freeze(curves, "random_km")
freeze(quantile_rows, "random_quantiles")
freeze(means, "random_rmst")
freeze(multi, "random_incidence")
freeze(cumulative, "random_cuminc")
freeze(grays, "random_gray")
freeze(tests, "random_logrank")
freeze(groups, "random_logrank_groups")
freeze(scores, "random_robust_score")
cat(R.version.string, "; survival", format(packageVersion("survival")),
    "; cmprsk", format(packageVersion("cmprsk")), "\n")
