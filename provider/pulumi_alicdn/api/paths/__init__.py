"""What users write as object paths: rules, corrected forms, and patterns in the place of names."""
