package dev.portcullis.bench.endings;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One identity and everything it has open. */
final class Member {
    static final int SOCKETS = 10;

    private final String user;
    private final String credentials;
    private final String sid;
    private final List<OpenSocket> sockets = new ArrayList<>();
    private long clockNanos;

    /**
     * @param credentials whole header lines
     * @param sid the provider's name of the session; empty for a token
     */
    Member(String user, String credentials, String sid) {
        this.user = user;
        this.credentials = credentials;
        this.sid = sid;
    }

    String user() {
        return user;
    }

    String cookie() {
        return credentials.substring("Cookie: ".length()).strip();
    }

    String sid() {
        return sid;
    }

    List<OpenSocket> sockets() {
        return sockets;
    }

    /** The identity is over as of that instant. */
    void clock(long nanos) {
        clockNanos = nanos;
    }

    long clockNanos() {
        return clockNanos;
    }

    /** Opens its sockets and waits for each. */
    void open(Stage stage, int number) throws Exception {
        var from = "127.0.3." + (1 + number % 50);
        for (int i = 0; i < SOCKETS; i++) {
            sockets.add(stage.open(credentials, from));
        }
        for (var socket : sockets) {
            socket.opened().get(60, TimeUnit.SECONDS);
        }
    }

    /** How many of its sockets have ended, or do not answer a ping within the time. */
    int lost(long seconds) throws Exception {
        var pongs = sockets.stream().map(OpenSocket::ping).toList();
        int lost = 0;
        for (int i = 0; i < pongs.size(); i++) {
            try {
                pongs.get(i).get(seconds, TimeUnit.SECONDS);
            } catch (TimeoutException silent) {
                lost++;
                continue;
            }
            lost += sockets.get(i).ended().isDone() ? 1 : 0;
        }
        return lost;
    }
}
