/**
 * Who is calling: bearer token, service token or client certificate to {@link
 * dev.portcullis.identity.Principal}.
 */
@NullMarked
package dev.portcullis.identity;

import org.jspecify.annotations.NullMarked;
