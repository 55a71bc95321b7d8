/**
 * What each attack costs us beside what it costs the attacker. Run with {@code bench/attack-cost}.
 */
@NullMarked
package dev.portcullis.bench.cost;

import org.jspecify.annotations.NullMarked;
