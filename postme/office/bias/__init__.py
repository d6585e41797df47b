"""A bias audit carried out: counted on every core or a cluster, resumed, told in words, and written down."""
