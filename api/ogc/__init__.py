"""OGC API - Features (parts 1 and 2): land, flights and treated ground as QGIS and GDAL read them."""
