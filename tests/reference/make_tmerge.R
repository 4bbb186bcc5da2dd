# Frozen answers of R's survival::tmerge, written beside this script.
#   Rscript tests/reference/make_tmerge.R
# Ten sets of spells with covariates that change, made by formula: nothing here is random.

suppressPackageStartupMessages(library(survival))

script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
folder <- dirname(normalizePath(script))

freeze <- function(frame, name) {
  write.csv(frame, file.path(folder, paste0(name, ".csv")),
            row.names = FALSE, quote = FALSE, na = "", eol = "\n")
}

# A spell runs from `entry` (every third enters late) to `time`, in days since its start.
spells <- function(set) {
  i <- 1:12
  entry <- ifelse((i + set) %% 3 == 0, (i * 5 + set) %% 9, 0)
  data.frame(set = set, id = i, entry = entry, time = entry + 1 + (i * 7 + set * 3) %% 23,
             event = as.integer((i * 3 + set) %% 5 < 3))
}

# Changes on days -4 to 33, before the start, on ties with entries and ends, and after the end;
# two columns, each of which is missing (did not change) in part of the rows.
changes <- function(set) {
  k <- 1:40
  rows <- data.frame(set = set, id = 1 + (k * 5 + set) %% 11, day = (k * 13 + set * 7) %% 38 - 4,
                     visits = (k * 3 + set) %% 4, score = (k * 7 + set) %% 10 / 4)
  rows$visits[(k + set) %% 4 == 0] <- NA
  rows$score[(k + set) %% 3 == 1] <- NA
  rows[!duplicated(rows[c("id", "day")]), ]
}

merged <- function(set) {
  one <- spells(set); moved <- changes(set)
  rows <- tmerge(one, one, id = id, tstart = entry, tstop = time, churn = event(time, event))
  a <- moved[!is.na(moved$visits), ]; b <- moved[!is.na(moved$score), ]
  rows <- tmerge(rows, a, id = id, visits = tdc(day, visits))
  rows <- tmerge(rows, b, id = id, score = tdc(day, score))
  rows <- as.data.frame(rows)
  data.frame(set = set, rows[c("id", "tstart", "tstop", "churn", "visits", "score")])
}

freeze(do.call(rbind, lapply(1:10, spells)), "tmerge_spells")
freeze(do.call(rbind, lapply(1:10, changes)), "tmerge_changes")
freeze(do.call(rbind, lapply(1:10, merged)), "tmerge_rows")
cat(R.version.string, "; survival", format(packageVersion("survival")), "\n")
