/** What tests of every package share: leak, log and event-loop checks. */
@NullMarked
package dev.portcullis.testing;

import org.jspecify.annotations.NullMarked;
