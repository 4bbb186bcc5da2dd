# Frozen results of R (package stats) for rates.sample_size and rates.compare: writes power_samples.csv
# (power.prop.test, not rounded) and power_tests.csv (prop.test without correction, fisher.test,
# chisq.test of the sizes) here.
#   cd tests/reference && Rscript make_power.R
write <- function(table, name) {
  table[] <- lapply(table, function(v) format(v, digits = 15, trim = TRUE))
  write.csv(table, name, row.names = FALSE, quote = FALSE)
}
grid <- expand.grid(retention = c(1 / 16, 0.3, 0.5, 0.8), lift = c(0.02, 0.1875, -0.05),
                    power = c(0.8, 0.95), level = c(0.9, 0.95))
grid$n <- mapply(function(p, d, power, level)
  power.prop.test(p1 = p, p2 = p + d, power = power, sig.level = 1 - level, tol = 1e-12)$n,
  grid$retention, grid$lift, grid$power, grid$level)
write(grid, "power_samples.csv")

counts <- rbind(c(140, 200, 160, 200), c(1, 4, 1, 16), c(30, 50, 12, 40), c(7, 9, 3, 11),
                c(512, 1000, 498, 1100), c(0, 8, 5, 9), c(20, 20, 15, 20), c(3, 900, 9, 850))
tests <- data.frame(x = counts[, 1], m = counts[, 2], y = counts[, 3], n = counts[, 4])
tests$score <- apply(counts, 1, function(k) suppressWarnings(
  prop.test(k[c(1, 3)], k[c(2, 4)], correct = FALSE)$p.value))
tests$fisher <- apply(counts, 1, function(k)
  fisher.test(matrix(c(k[1], k[2] - k[1], k[3], k[4] - k[3]), 2))$p.value)
tests$split <- apply(counts, 1, function(k)
  suppressWarnings(chisq.test(k[c(4, 2)], p = c(1, 3) / 4)$p.value))
write(tests, "power_tests.csv")
