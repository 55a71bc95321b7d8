package dev.portcullis.bench.rig;

/** Work for one proxy, in windows of a counted number of units. One window at a time. */
public interface Load extends AutoCloseable {
    /** One window, whole; never throws for what the proxy did wrong: the tally says it. */
    Tally run(int count) throws InterruptedException;

    @Override
    void close();
}
