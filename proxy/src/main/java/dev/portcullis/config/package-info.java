/**
 * The configuration file as records: parsed strictly, every problem at once. Uses only the access
 * vocabulary.
 */
@NullMarked
package dev.portcullis.config;

import org.jspecify.annotations.NullMarked;
