# Frozen simultaneous bands of R's km.ci for the lung data, and critical values of its tables.
#   Rscript tests/reference/make_bands.R

suppressPackageStartupMessages({library(survival); library(km.ci)})

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

fit <- survfit(Surv(time, status) ~ 1, lung)
first <- min(fit$time[fit$n.event > 0])
last <- max(fit$time[fit$n.event > 0 & fit$n.risk > fit$n.event])
rows <- values <- list()
for (range in list(c(first, last), c(100, 500))) for (level in c(.9, .95, .99)) {
  for (method in c("hall-wellner", "loghall", "epband", "logep")) {
    if (level == .99 && grepl("ep", method)) next  # the package has lost that table
    band <- km.ci(fit, conf.level = level, tl = range[1], tu = range[2], method = method)
    scale <- km.ci:::a.up.low.fun(fit, range[1], range[2])
    sigma <- scale$sigma.mat[match(band$time, fit$time), "sigma"]
    # The critical value from a band that has it: half the linear band's width, undone.
    linear <- km.ci(fit, conf.level = level, tl = range[1], tu = range[2],
                    method = if (grepl("hall", method)) "hall-wellner" else "epband")
    unit <- if (grepl("hall", method)) (1 + fit$n * sigma) / sqrt(fit$n) else sqrt(sigma)
    critical <- unname(((linear$upper - linear$lower) / 2 / (unit * linear$surv))[20])
    values <- c(values, list(data.frame(
      method = method, level = level, since = range[1], until = range[2],
      a_low = unname(scale$a.low), a_high = unname(scale$a.up), critical = critical)))
    if (level == .95) rows <- c(rows, list(data.frame(
      method = method, since = range[1], until = range[2], time = band$time,
      surv = band$surv, lower = band$lower, upper = band$upper)))
  }
}
freeze(do.call(rbind, rows), "km_ci_lung")
freeze(do.call(rbind, values), "km_ci_lung_critical")

# Some cells of the printed tables (four digits): a_low along the columns, a_high down the rows.
cells <- list()
for (kind in c("hall", "nair")) for (level in c(90, 95, 99)) {
  if (kind == "nair" && level == 99) next
  table <- as.matrix(getFromNamespace(paste0("critical.value.", kind, ".", level), "km.ci"))
  low <- seq(if (kind == "hall") 0 else .02, .6, by = .02)
  high <- seq(.1, if (kind == "hall") 1 else .98, by = .02)
  stopifnot(dim(table) == c(length(high), length(low)))
  some <- expand.grid(i = seq(1, length(high), 4), j = seq(if (kind == "hall") 1 else 5, length(low), 5))
  value <- table[cbind(some$i, some$j)]
  cells <- c(cells, list(data.frame(
    band = if (kind == "hall") "hall_wellner" else "equal_precision", level = level / 100,
    a_low = round(low[some$j], 2), a_high = round(high[some$i], 2), critical = value)[!is.na(value), ]))
}
freeze(do.call(rbind, cells), "km_ci_tables")

cat(R.version.string, "; survival", format(packageVersion("survival")),
    "; km.ci", format(packageVersion("km.ci")), "\n")
