# Frozen results of R (package stats) for winback.odds: writes winback_fisher.csv here.
#   cd tests/reference && Rscript make_winback.R
tables <- rbind(c(1, 4, 1, 16), c(25, 100, 25, 400), c(0, 4, 1, 16), c(4, 4, 0, 16),
                c(3, 17, 9, 21), c(12, 240, 31, 180), c(7, 7, 5, 9), c(60, 90, 2, 50))
colnames(tables) <- c("won", "tried", "prospects_won", "prospects_tried")
rows <- lapply(seq_len(nrow(tables)), function(i) {
  x <- tables[i, ]
  grid <- matrix(c(x[1], x[2] - x[1], x[3], x[4] - x[3]), nrow = 2, byrow = TRUE)
  do.call(rbind, lapply(c(0.90, 0.95), function(level) {
    fisher <- fisher.test(grid, conf.level = level)
    lost <- binom.test(x[1], x[2], conf.level = level)$conf.int
    new <- binom.test(x[3], x[4], conf.level = level)$conf.int
    data.frame(t(x), level = level, p_value = fisher$p.value,
               odds_low = fisher$conf.int[1], odds_high = fisher$conf.int[2],
               lost_low = lost[1], lost_high = lost[2], new_low = new[1], new_high = new[2])
  }))
})
table <- do.call(rbind, rows)
table[] <- lapply(table, function(v) format(v, digits = 15, trim = TRUE))
write.csv(table, "winback_fisher.csv", row.names = FALSE, quote = FALSE)
