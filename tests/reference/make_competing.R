# Frozen answers of R's cmprsk and survival on published and packaged data.
#   Rscript tests/reference/make_competing.R
# The random numbers are those of cmprsk's own test: R's generators of 2001, started from 2.

suppressPackageStartupMessages({library(survival); library(cmprsk)})

script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
folder <- dirname(normalizePath(script))

# Seventeen significant digits bring back exactly the same double.
as_text <- function(column) {
  if (!is.numeric(column)) return(as.character(column))
  ifelse(is.na(column), NA, sprintf("%.17g", column))
}

freeze <- function(frame, name) {
  text <- as.data.frame(lapply(frame, as_text), optional = TRUE)
  names(text) <- names(frame)
  write.csv(text, file.path(folder, paste0(name, ".csv")),
            row.names = FALSE, quote = FALSE, na = "", eol = "\n")
  cat(name, nrow(text), "rows\n")
}

# --- the hundred rows of cmprsk's tests/test.R --------------------------------------------------
suppressWarnings(RNGversion("1.2.1"))
set.seed(2)
gray <- data.frame(time = rexp(100))
gray$group <- factor(sample(1:3, 100, replace = TRUE), 1:3, c("a", "b", "c"))
gray$cause <- sample(0:2, 100, replace = TRUE)
gray$stratum <- sample(1:2, 100, replace = TRUE)
gray$other_time <- abs(rnorm(100))
RNGversion("4.2.2")
freeze(gray, "gray_100")

# `printed` is what cmprsk's tests/test.Rout.save shows, where it has the test.
gap <- gray$group
gap[c(5, 10, 50)] <- NA
tested <- function(fit, stratified, rho, printed, time = gray$time, group = gray$group,
                   rows = rep(TRUE, 100)) {
  strata <- if (stratified) gray$stratum else rep(1, 100)
  utils::capture.output(got <- cuminc(time, gray$cause, group, strata, rho = rho, subset = rows))
  got <- got$Tests
  stopifnot(all(is.na(printed)) || all(abs(got[, 1] - printed) < 6e-7))
  data.frame(fit = fit, stratified = as.integer(stratified), rho = rho, cause = rownames(got),
             statistic = got[, "stat"], df = got[, "df"], p_value = got[, "pv"],
             printed = printed)
}
freeze(rbind(
  tested("all", TRUE, 0, c(3.393977, 1.989511)),
  tested("all", FALSE, 0, c(NA, NA)),
  tested("all", TRUE, 1, c(NA, NA)),
  tested("all", FALSE, 1, c(NA, NA)),
  tested("other_time", TRUE, 0, c(1.214132, 3.269462), time = gray$other_time),
  tested("other_time without rows 5 10 50", TRUE, 0, c(1.008453, 2.728735),
         time = gray$other_time, group = gap),
  tested("first 80 rows without rows 5 10 50", TRUE, 0, c(4.716769, 2.696396), group = gap,
         rows = 1:100 <= 80),
  tested("without group b", TRUE, 0, c(3.5151549, 0.1400145), rows = gray$group != "b")
), "gray_100_tests")

# Every time of an event in the group and the whole numbers up to its last time; after the step.
steps <- function(got, group_of) {
  got <- got[names(got) != "Tests"]
  do.call(rbind, lapply(names(got), function(name) {
    group <- sub(" .*", "", name)
    of <- group_of(group)
    last <- max(of$time)
    times <- sort(unique(c(of$time[of$cause != 0], seq_len(floor(last)))))
    at <- findInterval(times, got[[name]]$time)
    data.frame(group = group_of(group, TRUE), cause = sub(".* ", "", name), time = times,
               estimate = got[[name]]$est[at], variance = got[[name]]$var[at])
  }))
}
freeze(rbind(
  steps(cuminc(gray$time, gray$cause), function(g, name = FALSE) if (name) "all" else gray),
  steps(cuminc(gray$time, gray$cause, gray$group),
        function(g, name = FALSE) if (name) g else gray[gray$group == g, ])), "gray_100_cuminc")

# --- the fourteen rows of survival's tests/finegray.R -------------------------------------------
fourteen <- data.frame(
  time = c(1, 2, 3, 4, 4, 4, 5, 5, 6, 8, 8, 9, 10, 12),
  status = c(1, 2, 0, 1, 0, 0, 2, 1, 0, 0, 2, 0, 1, 0),
  x = c(5, 4, 3, 1, 2, 1, 1, 2, 2, 4, 6, 1, 2, 0), id = 1:14)
freeze(fourteen, "finegray_14")
fourteen$state <- factor(fourteen$status, 0:2, c("cen", "type1", "type2"))
fit <- survfit(Surv(time, state) ~ 1, fourteen, id = id)
freeze(do.call(rbind, lapply(1:2, function(j) data.frame(
  reason = fit$states[j + 1], time = fit$time, n_risk = fit$n.risk[, 1],
  n_event = fit$n.event[, j + 1], estimate = fit$pstate[, j + 1],
  std_err = fit$std.err[, j + 1]))), "finegray_14_incidence")
weights <- do.call(rbind, lapply(c("type1", "type2"), function(type) data.frame(
  reason = type, finegray(Surv(time, state) ~ id, fourteen, etype = type))))
# As tests/finegray.R works them out by hand.
stopifnot(all.equal(weights$fgwt[weights$reason == "type1"],
                    c(1, 1, 11 / 12, 11 / 15, 11 / 36, 1, 1, 1, 1, 1, 5 / 12,
                      1, 1, 1, 1, 1 / 2, 1, 1, 1)))
freeze(setNames(weights, c("reason", "id", "start", "stop", "event", "weight")),
       "finegray_14_weights")

# --- named numbers ------------------------------------------------------------------------------
results <- list()
add <- function(data, what, group, value) {
  results <<- c(results, list(data.frame(data = data, what = what, group = as.character(group),
                                         value = as.numeric(value))))
}
total <- function(x) if (is.matrix(x)) rowSums(x) else as.vector(x)
add_logrank <- function(data, what, fit) {
  df <- sum(total(fit$exp) > 0) - 1
  group <- sub(".*=", "", names(fit$n))
  add(data, paste0(what, "_statistic"), "all", fit$chisq)
  add(data, paste0(what, "_df"), "all", df)
  add(data, paste0(what, "_p_value"), "all", pchisq(fit$chisq, df, lower.tail = FALSE))
  add(data, paste0(what, "_observed"), group, total(fit$obs))
  add(data, paste0(what, "_expected"), group, total(fit$exp))
  add(data, paste0(what, "_variance"), group, diag(fit$var))
}
add_quantiles <- function(data, formula, frame, q = c(.25, .5, .75)) {
  for (conf in c("log-log", "log", "plain")) {
    fit <- survfit(formula, frame, conf.type = conf)
    got <- quantile(fit, q)
    group <- if (is.null(fit$strata)) "all" else sub(".*=", "", names(fit$strata))
    for (j in seq_along(q)) {
      pick <- function(x) if (is.matrix(x)) x[, j] else x[j]
      if (conf == "log") add(data, paste0("quantile_", q[j]), group, pick(got$quantile))
      add(data, paste0("quantile_", q[j], "_low_", conf), group, pick(got$lower))
      add(data, paste0("quantile_", q[j], "_high_", conf), group, pick(got$upper))
    }
  }
}
add_restricted <- function(data, formula, frame, until) {
  fit <- survfit(formula, frame)
  got <- survival:::survmean(fit, rmean = until)$matrix
  group <- sub(".*=", "", names(fit$strata))
  mean <- unname(got[, "rmean"])
  error <- unname(got[, "se(rmean)"])
  add(data, paste0("rmst_", until), group, mean)
  add(data, paste0("rmst_", until, "_std_err"), group, error)
  if (length(group) == 2) {
    between <- paste(group[2], "minus", group[1])
    difference <- mean[2] - mean[1]
    se <- sqrt(sum(error^2))
    add(data, paste0("rmst_", until, "_difference"), between, difference)
    add(data, paste0("rmst_", until, "_difference_std_err"), between, se)
    add(data, paste0("rmst_", until, "_difference_low"), between, difference - qnorm(.975) * se)
    add(data, paste0("rmst_", until, "_difference_high"), between, difference + qnorm(.975) * se)
    add(data, paste0("rmst_", until, "_difference_p_value"), between,
        2 * pnorm(-abs(difference / se)))
  }
}

freeze(aml, "aml")
s <- summary(survfit(Surv(time, status) ~ x, aml, conf.type = "log-log"), censored = TRUE)
freeze(data.frame(group = sub(".*=", "", s$strata), time = s$time, n_risk = s$n.risk,
                  n_event = s$n.event, n_censor = s$n.censor, surv = s$surv,
                  std_err = s$std.err, lower = s$lower, upper = s$upper, cumhaz = s$cumhaz,
                  std_chaz = s$std.chaz), "survfit_aml")
add_logrank("aml", "logrank", survdiff(Surv(time, status) ~ x, aml))
add_logrank("aml", "peto_prentice", survdiff(Surv(time, status) ~ x, aml, rho = 1))
add_quantiles("aml", Surv(time, status) ~ x, aml)
add_quantiles("aml", Surv(time, status) ~ 1, aml)

leukaemia <- read.csv(file.path(folder, "leukaemia.csv"))
add_logrank("leukaemia", "logrank", survdiff(Surv(weeks, event) ~ treatment, leukaemia))
add_logrank("leukaemia", "peto_prentice",
            survdiff(Surv(weeks, event) ~ treatment, leukaemia, rho = 1))
add_quantiles("leukaemia", Surv(weeks, event) ~ treatment, leukaemia)
add_restricted("leukaemia", Surv(weeks, event) ~ treatment, leukaemia, 20)

add_logrank("lung", "logrank_by_sex", survdiff(Surv(time, status) ~ sex, lung))
add_logrank("lung", "logrank_by_pat.karno_strata_inst",
            survdiff(Surv(time, status) ~ pat.karno + strata(inst), lung))
add_logrank("lung", "rho_0.5_by_inst", survdiff(Surv(time, status) ~ inst, lung, rho = 0.5))
add_quantiles("lung", Surv(time, status) ~ 1, lung)
add_quantiles("lung_by_ph.ecog", Surv(time, status) ~ ph.ecog, lung)
add_restricted("lung_by_sex", Surv(time, status) ~ sex, lung, 965)

waltons <- read.csv(file.path(folder, "waltons.csv"))
add_restricted("waltons", Surv(time, event) ~ group, waltons, 10)

results <- do.call(rbind, results)
# Published figures, so that a wrong call does not go unseen.
near <- function(data, what, group, value, digits) {
  got <- results$value[results$data == data & results$what == what & results$group == group]
  stopifnot(length(got) == 1, round(got, digits) == value)
}
near("aml", "logrank_statistic", "all", 3.4, 1)
near("leukaemia", "logrank_statistic", "all", 16.79294, 5)
near("lung", "logrank_by_sex_statistic", "all", 10.32674, 5)
near("lung", "logrank_by_pat.karno_strata_inst_statistic", "all", 21.4, 1)
near("lung", "rho_0.5_by_inst_statistic", "all", 15.1, 1)
near("lung", "quantile_0.5_low_log-log", "all", 284, 0)
near("lung", "quantile_0.5_low_log", "all", 285, 0)
near("lung_by_sex", "rmst_965", "1", 324.0484, 4)
near("lung_by_sex", "rmst_965_std_err", "2", 32.91742, 5)
near("lung_by_sex", "rmst_965_difference_p_value", "2 minus 1", 0.00091186, 8)
near("waltons", "rmst_10", "miR-137", 9.7941, 4)
near("waltons", "rmst_10_std_err", "control", 0.02317, 5)
freeze(results, "named_results")

cat(R.version.string, "; survival", format(packageVersion("survival")),
    "; cmprsk", format(packageVersion("cmprsk")), "\n")
