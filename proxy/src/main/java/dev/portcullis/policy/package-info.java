/**
 * May they: decisions, permits, the allow-list. Pure: no channels, no clocks of its own, no I/O.
 */
@NullMarked
package dev.portcullis.policy;

import org.jspecify.annotations.NullMarked;
