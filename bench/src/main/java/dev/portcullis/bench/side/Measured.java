package dev.portcullis.bench.side;

import dev.portcullis.bench.rig.Load;
import dev.portcullis.bench.rig.Subject;
import dev.portcullis.bench.rig.Tally;
import org.jspecify.annotations.Nullable;

/**
 * One window of one proxy.
 *
 * @param micros the proxy's own CPU time for one unit
 * @param perSecond units
 * @param p99 microseconds
 * @param problem what makes it void, or null
 */
record Measured(double micros, double perSecond, double p99, @Nullable String problem) {

    /** Runs one window. */
    static Measured window(Subject subject, Load load, int count) throws InterruptedException {
        var gauge = subject.gauge();
        long before = gauge.cpuNanos();
        Tally tally = load.run(count);
        long spent = gauge.cpuNanos() - before;
        return new Measured(
                spent / 1e3 / count, tally.perSecond(), tally.micros(0.99), tally.problem());
    }
}
