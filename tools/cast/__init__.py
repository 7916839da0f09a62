"""Makes portraits of presenters who do not exist, from a parametric body and procedures alone."""
