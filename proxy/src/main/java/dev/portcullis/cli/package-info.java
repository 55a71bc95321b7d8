/** One class per command, with its help and exit codes. */
@NullMarked
package dev.portcullis.cli;

import org.jspecify.annotations.NullMarked;
