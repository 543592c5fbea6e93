"""Reading evidence, suggestions and weak pairs."""
