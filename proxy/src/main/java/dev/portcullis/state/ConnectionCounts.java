package dev.portcullis.state;

import dev.portcullis.policy.AddressKey;
import dev.portcullis.policy.ConnectionLimit;
import java.net.InetAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts client connections in all and per address. Any thread. Memory is bounded by the first
 * limit: an address without a connection is not remembered.
 */
public final class ConnectionCounts implements ConnectionLimit {
    private volatile int connectionsMax;
    private volatile int perAddressMax;
    private final AtomicInteger open = new AtomicInteger();
    private final ConcurrentHashMap<AddressKey, Integer> perAddress = new ConcurrentHashMap<>();

    /**
     * @param connectionsMax connections in all, at least 1
     * @param perAddressMax connections of one address (IPv6: of one /64), at least 1
     */
    public ConnectionCounts(int connectionsMax, int perAddressMax) {
        this.connectionsMax = connectionsMax;
        this.perAddressMax = perAddressMax;
    }

    /** From now on; what is open above it stays open. */
    public void limits(int connectionsMax, int perAddressMax) {
        this.connectionsMax = connectionsMax;
        this.perAddressMax = perAddressMax;
    }

    @Override
    public boolean tryOpen() {
        int max = connectionsMax; // Read once: a reload may change it.
        return open.getAndUpdate(n -> n < max ? n + 1 : n) < max;
    }

    @Override
    public boolean oneLessIsRoom() {
        return open.get() <= connectionsMax;
    }

    @Override
    public void closed() {
        open.decrementAndGet();
    }

    /** One atomic step: the count goes up by one, or stays where it is at the limit. */
    @Override
    public boolean tryOpenFrom(InetAddress address) {
        int max = perAddressMax; // Read once: a reload may change it.
        var admitted = new boolean[1];
        perAddress.compute(
                AddressKey.of(address),
                (_, n) -> {
                    int before = n == null ? 0 : n;
                    admitted[0] = before < max;
                    return admitted[0] ? Integer.valueOf(before + 1) : n;
                });
        return admitted[0];
    }

    @Override
    public void closedFrom(InetAddress address) {
        perAddress.computeIfPresent(AddressKey.of(address), (_, n) -> n == 1 ? null : n - 1);
    }

    /** How many are open. */
    public int open() {
        return open.get();
    }

    /** How many addresses have at least one open. */
    public int addresses() {
        return perAddress.size();
    }
}
