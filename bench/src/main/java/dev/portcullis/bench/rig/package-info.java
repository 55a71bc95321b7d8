/**
 * What every comparison stands on: proxies as processes, a Gateway of stone, and clients that
 * check.
 */
@NullMarked
package dev.portcullis.bench.rig;

import org.jspecify.annotations.NullMarked;
