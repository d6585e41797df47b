"""The bias audit: error rates of a recognition system by group, with intervals that count people, not comparisons.

Numbers that know no names: nothing here reads or writes, and the people of a test are numbers.

==================  ====================================================================================
``intervals``       Wilson, Clopper-Pearson, Student's t, bounds for no error
``measures``        max/min, max/geomean, Gini, FDR, inequity rate, GARBE, WERM, MAPE …
``comparisons``     who was compared with whom, and how often
``kernel``          exact tails of all N² scores, tile by tile
``evidence``        thresholds and counts
``clusters``        variance by person, the subject bootstrap
``rates``           a rate with its interval
``ratios``          one group over another, Holm's correction, the fixed words
``result``          all of it at one threshold
``searching``       one face against a watchlist, and what that is a day
``planning``        how many people a test needs
``audit``           ``BiasAudit``, from arrays to results
==================  ====================================================================================
"""

from postme.bias.audit import BiasAudit
from postme.bias.result import Result

__all__ = ["BiasAudit", "Result"]
