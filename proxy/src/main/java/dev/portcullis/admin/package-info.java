/** The loopback listener for operators: live, ready, metrics. */
@NullMarked
package dev.portcullis.admin;

import org.jspecify.annotations.NullMarked;
