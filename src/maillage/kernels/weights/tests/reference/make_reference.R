# Makes the reference cases of the weights kernel: what R's `survey` answers, to 17 digits.
#   Rscript make_reference.R   (Debian: r-cran-survey), in this folder; writes cases.json.
# Two cases are drawn here by a fixed seed; the third takes four columns of `apistrat` (California schools, in `survey`).
suppressPackageStartupMessages(library(survey))

numbers <- function(x) paste0("[", paste(sprintf("%.17g", as.numeric(x)), collapse = ","), "]")
pairs <- function(...) {
  parts <- list(...)
  paste0("{", paste(sprintf('"%s":%s', names(parts), unlist(parts)), collapse = ","), "}")
}

# The bounded metric of cal.raking with the slope of what it bounds (exp(u)): its own slope looks at u, and may not converge.
truncated <- make.calfun(
  Fm1 = function(u, bounds) pmin(pmax(exp(u), bounds$lower), bounds$upper) - 1,
  dF = function(u, bounds) ifelse(exp(u) < bounds$upper & exp(u) > bounds$lower, exp(u), 0), name = "truncated raking")

# Factors, targets by category (totals), base weights, an outcome 0/1 -> one case as JSON.
case_of <- function(name, factors, targets, base, outcome, bounds) {
  data <- data.frame(factors, base = base, outcome = outcome)
  design <- svydesign(ids = ~1, weights = ~base, data = data)
  wanted <- c(`(Intercept)` = sum(targets[[1]]))
  for (one in names(factors)) wanted <- c(wanted, setNames(targets[[one]][-1], paste0(one, levels(data[[one]])[-1])))
  model <- as.formula(paste("~", paste(names(factors), collapse = " + ")))
  raked <- calibrate(design, model, population = wanted, calfun = "raking", epsilon = 1e-14, maxit = 500)
  mean <- svymean(~outcome, raked)
  plain <- svymean(~outcome, design)
  found <- list(
    name = sprintf('"%s"', name), base = numbers(base), outcome = numbers(outcome),
    codes = paste0("[", paste(sapply(factors, function(one) numbers(as.integer(one) - 1)), collapse = ","), "]"),
    targets = paste0("[", paste(sapply(targets, numbers), collapse = ","), "]"),
    weights = numbers(weights(raked)), mean = numbers(coef(mean)), error = numbers(SE(mean)),
    plain_mean = numbers(coef(plain)), plain_error = numbers(SE(plain)))
  if (!is.null(bounds)) {
    bounded <- calibrate(design, model, population = wanted, calfun = truncated, epsilon = 1e-13, maxit = 5000,
                         bounds = bounds * sum(targets[[1]]) / sum(base))
    found$bounds <- numbers(bounds)
    found$bounded <- numbers(weights(bounded))
  }
  do.call(pairs, found)
}

drawn <- function(n, sizes, seed, unequal) {
  set.seed(seed, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
  factors <- as.data.frame(lapply(sizes, function(size)
    factor(sample(c(seq_len(size), sample(size, n - size, replace = TRUE, prob = size:1))), levels = seq_len(size))))
  names(factors) <- paste0("m", seq_along(sizes), "_")
  base <- if (unequal) round(runif(n, 0.5, 4), 3) else rep(1, n)
  targets <- lapply(factors, function(one) {
    share <- as.numeric(prop.table(table(one))) * runif(nlevels(one), 0.75, 1.3)
    round(1000 * sum(base) * share / sum(share)) / 1000
  })
  total <- sum(targets[[1]])
  for (one in seq_along(targets)) targets[[one]][1] <- targets[[one]][1] + total - sum(targets[[one]])
  list(factors = factors, targets = targets, base = base, outcome = rbinom(n, 1, 0.3))
}

small <- drawn(24, c(2, 3), 1940, FALSE)
medium <- drawn(300, c(2, 5, 3, 4), 1992, TRUE)
data(api)
schools <- data.frame(stype = apistrat$stype, sch.wide = apistrat$sch.wide, awards = apistrat$awards)
population <- lapply(c(stype = "stype", sch.wide = "sch.wide", awards = "awards"), function(one) as.numeric(table(apipop[[one]])))
cases <- c(
  case_of("small", small$factors, small$targets, small$base, small$outcome, c(0.8, 1.4)),
  case_of("medium", medium$factors, medium$targets, medium$base, medium$outcome, c(0.6, 1.9)),
  case_of("schools", schools, population, apistrat$pw, as.integer(apistrat$comp.imp == "Yes"), NULL))
writeLines(paste0('{"made_by":"R ', getRversion(), ", survey ", packageVersion("survey"), '","cases":[\n', paste(cases, collapse = ",\n"), "\n]}"), "cases.json")
