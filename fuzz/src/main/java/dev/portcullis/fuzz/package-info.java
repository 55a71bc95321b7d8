/** Runs the fuzz targets, and the differential test against the parsers of others. */
@NullMarked
package dev.portcullis.fuzz;

import org.jspecify.annotations.NullMarked;
