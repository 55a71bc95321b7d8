/**
 * Certificates for development: a throw-away authority, and what it signs. Never for production.
 */
@NullMarked
package dev.portcullis.certs;

import org.jspecify.annotations.NullMarked;
