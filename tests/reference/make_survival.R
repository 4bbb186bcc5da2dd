# Frozen answers of R's survival package, written beside this script.
#   Rscript tests/reference/make_survival.R
# Nothing here is random: the data are R's own, published, or made by formula.

suppressPackageStartupMessages(library(survival))

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
}

# One curve, every distinct time (censoring times too), as R gives it. std_err is the error of
# the survival estimate; where S = 0 R has no answer (0 * Inf), and neither has the file.
curve <- function(response, data, weights, conf, group) {
  data$.response <- response(data)
  data$.weight <- weights
  fit <- survfit(.response ~ 1, data = data, weights = .weight, conf.type = conf)
  s <- summary(fit, censored = TRUE)
  data.frame(group = group, time = s$time, n_risk = s$n.risk, n_event = s$n.event,
             n_censor = s$n.censor, surv = s$surv, std_err = s$std.err,
             lower = s$lower, upper = s$upper,
             cumhaz = s$cumhaz, std_chaz = s$std.chaz)
}

# Group "all" is the ungrouped curve; then each group by its value.
curves <- function(name, data, response, by, weights = rep(1, nrow(data))) {
  for (conf in c("log-log", "log", "plain")) {
    parts <- list(curve(response, data, weights, conf, "all"))
    for (value in sort(unique(as.character(data[[by]])))) {
      rows <- as.character(data[[by]]) == value
      parts <- c(parts, list(curve(response, data[rows, ], weights[rows], conf, value)))
    }
    freeze(do.call(rbind, parts), paste0("survfit_", name, "_", conf))
  }
}

# --- lung: days, status 1 = censored, 2 = died ------------------------------------------------
freeze(lung, "lung")
curves("lung", lung, function(d) Surv(d$time, d$status), "sex")

# --- leukaemia: weeks in remission, 6-MP against placebo (Freireich 1963; Gehan 1965) ---------
leukaemia <- data.frame(
  weeks = c(6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35,
            1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23),
  event = c(1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, rep(1, 21)),
  treatment = rep(c("6-MP", "placebo"), each = 21))
stopifnot(nrow(leukaemia) == 42, sum(leukaemia$event) == 30, sum(leukaemia$weeks) == 541)
freeze(leukaemia, "leukaemia")
curves("leukaemia", leukaemia, function(d) Surv(d$weeks, d$event), "treatment")

# --- left truncation: seen from `entry`, at risk in (entry, time] -----------------------------
i <- 1:60
entry <- ifelse(i %% 3 == 0, 0, (i * 7) %% 12)
truncated <- data.frame(
  entry = entry, time = entry + 1 + (i * 13) %% 17,
  event = as.integer((i * 5) %% 8 < 5), group = ifelse(i %% 2 == 0, "even", "odd"))
freeze(truncated, "truncated")
curves("truncated", truncated, function(d) Surv(d$entry, d$time, d$event), "group")

# --- weights: whole ones are counts (Greenwood); fractions bring R's robust errors ------------
i <- 1:40
weighted <- data.frame(
  time = 1 + (i * 11) %% 14, event = as.integer((i * 7) %% 9 < 6),
  weight = 1 + (i * 3) %% 4, group = ifelse(i %% 2 == 0, "even", "odd"))
freeze(weighted, "weighted_whole")
curves("weighted_whole", weighted, function(d) Surv(d$time, d$event), "group", weighted$weight)

weighted$weight <- (1 + (i * 5) %% 9) / 4
freeze(weighted, "weighted_fractional")
curves("weighted_fractional", weighted, function(d) Surv(d$time, d$event), "group",
       weighted$weight)

cat(R.version.string, "; survival", format(packageVersion("survival")), "\n")
