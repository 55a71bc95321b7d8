package dev.portcullis.http;

/**
 * The pieces that a client cuts one body into, chunks or frames: each costs as much as some hundred
 * bytes, whatever is in it. One per body, on its event loop.
 */
public final class BodyPieces {
    /** So many may be of any size. */
    private static final int FREE = 1_024;

    /** Of all of them beyond, on average, in bytes. */
    private static final int MEAN_MIN = 16;

    private long count;
    private long bytes;

    /**
     * One more.
     *
     * @param size in bytes, more than none
     * @return whether they are crumbs, and not to be taken
     */
    public boolean isCrumbs(long size) {
        count++;
        bytes += size;
        return count > FREE && bytes / count < MEAN_MIN;
    }
}
