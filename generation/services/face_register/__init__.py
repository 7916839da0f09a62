"""The register of faces that are not to be taken for nobody's: registering, comparing, deciding."""
