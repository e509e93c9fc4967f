"""Fit and measure the order of papers on real weeks that human curators picked from (docs/ranking.md).

No part of the installed program. The data, `../shared/ranking`, is not part of the repository either.
"""
