/** One record per decision, accepted before anything is forwarded. A leaf: uses nothing of ours. */
@NullMarked
package dev.portcullis.audit;

import org.jspecify.annotations.NullMarked;
