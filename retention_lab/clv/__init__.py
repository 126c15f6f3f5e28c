"""What customers will buy and be worth: purchase and spending models, values, and evidence with intervals."""

from retention_lab.clv.balanced import balanced_forecast
from retention_lab.clv.beta_geo import BetaGeo, fit_beta_geo
from retention_lab.clv.beta_geometric import BetaGeometric, fit_beta_geometric
from retention_lab.clv.beta_geometric_binomial import BetaGeometricBinomial, fit_beta_geometric_binomial
from retention_lab.clv.combined import Combined, combine
from retention_lab.clv.covariates import CovariateParetoNbd, fit_pareto_nbd_with_covariates
from retention_lab.clv.discounting import discounted_purchases, rate_of_period
from retention_lab.clv.gamma_gamma import GammaGamma, fit_gamma_gamma
from retention_lab.clv.incremental import incremental_value, staying_effect, value_if_alive
from retention_lab.clv.long_term_value import long_term_value
from retention_lab.clv.metrics import accuracy, error_difference, gini
from retention_lab.clv.modified_beta_geo import ModifiedBetaGeo, fit_modified_beta_geo
from retention_lab.clv.pareto_nbd import ParetoNbd, fit_pareto_nbd
from retention_lab.clv.predictive import probability_integral, purchase_interval, purchase_quantile
from retention_lab.clv.purchase_days import PurchaseDays, purchase_days
from retention_lab.clv.purchases import PurchaseFit, PurchaseModel, expected_of_new
from retention_lab.clv.rows import PurchaseRows, purchase_rows
from retention_lab.clv.same_rate import SameRate
from retention_lab.clv.summary import Summary, summarise
from retention_lab.clv.tracking import track
from retention_lab.clv.value_model import ValueModel, fit_value_model
from retention_lab.clv.worth import lifetime_value, lifetime_value_interval, value_to_cost
from retention_lab.clv.zero_inflated import ZeroInflated, fit_zero_inflated

__all__ = [
    "BetaGeo",
    "BetaGeometric",
    "BetaGeometricBinomial",
    "Combined",
    "CovariateParetoNbd",
    "GammaGamma",
    "ModifiedBetaGeo",
    "ParetoNbd",
    "PurchaseDays",
    "PurchaseFit",
    "PurchaseModel",
    "PurchaseRows",
    "SameRate",
    "Summary",
    "ValueModel",
    "ZeroInflated",
    "accuracy",
    "balanced_forecast",
    "combine",
    "discounted_purchases",
    "error_difference",
    "expected_of_new",
    "fit_beta_geo",
    "fit_beta_geometric",
    "fit_beta_geometric_binomial",
    "fit_gamma_gamma",
    "fit_modified_beta_geo",
    "fit_pareto_nbd",
    "fit_pareto_nbd_with_covariates",
    "fit_value_model",
    "fit_zero_inflated",
    "gini",
    "incremental_value",
    "lifetime_value",
    "lifetime_value_interval",
    "long_term_value",
    "probability_integral",
    "purchase_days",
    "purchase_interval",
    "purchase_quantile",
    "purchase_rows",
    "rate_of_period",
    "staying_effect",
    "summarise",
    "track",
    "value_if_alive",
    "value_to_cost",
]
