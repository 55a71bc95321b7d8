/**
 * What stands around Portcullis when somebody tries it: an identity provider, a Gateway or its
 * stand-in, and the command that starts them. Never in the production jar.
 */
@NullMarked
package dev.portcullis.demo;

import org.jspecify.annotations.NullMarked;
