/**
 * The vocabulary of who may do what: user names in their one canonical form, and roles. A leaf:
 * uses nothing of ours.
 */
@NullMarked
package dev.portcullis.access;

import org.jspecify.annotations.NullMarked;
