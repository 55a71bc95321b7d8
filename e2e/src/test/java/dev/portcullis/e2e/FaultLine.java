package dev.portcullis.e2e;

import java.time.Duration;

/** One scenario's outcome as a line of its own, of which {@code bench/faults} makes its table. */
final class FaultLine {
    private FaultLine() {}

    /**
     * Prints it: the scenario went well.
     *
     * @param name of the scenario
     * @param seen what the client saw
     * @param lost answers, sockets or sessions that should not have been; 0
     * @param recoveredNanos from when it could be well again until it was
     */
    @SuppressWarnings("SystemOut") // It is what the test is run for.
    static void print(String name, String seen, int lost, long recoveredNanos) {
        System.out.printf(
                "fault: %s seen=%s lost=%d recovered=%d ms%n",
                name, seen, lost, Duration.ofNanos(recoveredNanos).toMillis());
    }
}
