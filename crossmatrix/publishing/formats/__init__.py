"""One module for each format a storefront imports; `base.Format` is what each of them is."""
