# Frozen answers of R's survival package for spells of which a customer may have several.
#   Rscript tests/reference/make_cluster.R
# Nothing here is random: the data are R's own or made by formula.

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

# The robust errors of R: the influences of a customer's spells added up, then squared.
curve <- function(data, group) {
  data$.response <- if (is.null(data$entry)) {
    Surv(data$time, data$event)
  } else {
    Surv(data$entry, data$time, data$event)
  }
  data$.weight <- if (is.null(data$weight)) rep(1, nrow(data)) else data$weight
  fit <- survfit(.response ~ 1, data = data, weights = .weight, cluster = customer,
                 robust = TRUE, conf.type = "log-log")
  s <- summary(fit, censored = TRUE)
  data.frame(group = group, time = s$time, n_risk = s$n.risk, n_event = s$n.event,
             n_censor = s$n.censor, surv = s$surv, std_err = s$std.err,
             lower = s$lower, upper = s$upper,
             cumhaz = s$cumhaz, std_chaz = s$std.chaz)
}

# Group "all" is the ungrouped curve; then each group by its value.
curves <- function(name, data) {
  freeze(data, paste0("cluster_", name))
  parts <- list(curve(data, "all"))
  for (value in sort(unique(as.character(data$group)))) {
    parts <- c(parts, list(curve(data[as.character(data$group) == value, ], value)))
  }
  freeze(do.call(rbind, parts), paste0("survfit_cluster_", name))
}

# --- infections: days from one serious infection to the next, up to eight per patient ----------
curves("infections", data.frame(
  customer = cgd$id, time = cgd$tstop - cgd$tstart, event = cgd$status,
  group = as.character(cgd$treat)))

# --- spells by formula: 70 spells of 19 customers, many ties ------------------------------------
i <- 1:70
repeated <- data.frame(
  customer = paste0("c", (i * i + 3 * i) %% 37), time = 1 + (i * 11) %% 13,
  event = as.integer((i * 7) %% 10 < 7), group = ifelse(i %% 2 == 0, "even", "odd"))
curves("repeated", repeated)

# --- seen from `entry` on, at risk in (entry, time] ---------------------------------------------
late <- repeated
late$entry <- ifelse(i %% 3 == 0, 0, (i * 5) %% 9)
late$time <- late$entry + 1 + (i * 13) %% 11
curves("late", late)

# --- late entries and weights, which differ within a customer -----------------------------------
late$weight <- (1 + (i * 5) %% 9) / 4
curves("weighted", late)

# --- whole weights: with customers in play they are no counts but weights -----------------------
repeated$weight <- 1 + (i * 3) %% 4
curves("whole", repeated)

cat(R.version.string, "; survival", format(packageVersion("survival")), "\n")
