"""People who do not exist and speech of nobody that every installation has, to make a first video with."""
