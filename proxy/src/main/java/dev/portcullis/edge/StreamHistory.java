package dev.portcullis.edge;

import java.util.BitSet;

/**
 * What is remembered of the streams of one HTTP/2 connection that are over. What still comes of one
 * that we have reset was on its way and is no error; of any other it is one, and which one depends
 * on how that ended (RFC 9113 §5.1). On the event loop.
 */
final class StreamHistory {
    /** Of so many ids it is known whether they were used. */
    private static final int IDS = 512;

    /** Of the limit, as far as {@link #RESETS_MAX}: no frame is on its way for half a minute. */
    private static final int WINDOWS = 2;

    private static final int RESETS_MAX = 1024;

    private final BitSet opened = new BitSet(IDS);
    private final int resetsMax;
    private int last = -1;

    /** The newest overwrite the oldest; those by the client are negative. */
    private int[] resets = {};

    private int next;

    /**
     * @param resets how many there may be in half a minute
     */
    StreamHistory(int resets) {
        this.resetsMax = Math.clamp((long) WINDOWS * resets, 1, RESETS_MAX);
    }

    /** Whether it comes after all that were opened, as a new one must (RFC 9113 §5.1.1). */
    boolean isNew(int stream) {
        return stream > last;
    }

    /** The client opens a new one. Those in between are passed over, and can never be opened. */
    void open(int stream) {
        for (int id = Math.max(last + 2, stream - 2 * (IDS - 1)); id < stream; id += 2) {
            opened.clear(at(id));
        }
        opened.set(at(stream));
        last = stream;
    }

    /** Whether it was opened; one that was long ago is forgotten. */
    boolean wasOpened(int stream) {
        return stream > last - 2 * IDS && stream <= last && opened.get(at(stream));
    }

    private static int at(int stream) {
        return (stream >>> 1) % IDS;
    }

    void resetByUs(int stream) {
        remember(stream);
    }

    void resetByClient(int stream) {
        remember(-stream);
    }

    private void remember(int reset) {
        if (resets.length == 0) {
            resets = new int[resetsMax];
        }
        resets[next] = reset;
        next = (next + 1) % resetsMax;
    }

    boolean wasResetByUs(int stream) {
        return isRemembered(stream);
    }

    boolean wasResetByClient(int stream) {
        return isRemembered(-stream);
    }

    private boolean isRemembered(int reset) {
        if (reset == 0) { // The connection, which has no history.
            return false;
        }
        for (int one : resets) {
            if (one == reset) {
                return true;
            }
        }
        return false;
    }
}
