/** Fuzz targets for the package of the same name, whose inner parts they reach. */
@NullMarked
package dev.portcullis.config;

import org.jspecify.annotations.NullMarked;
