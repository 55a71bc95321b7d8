package dev.portcullis.config;

import java.net.InetAddress;
import java.util.List;

/**
 * The balancers in front of us: who connects from there must say with PROXY protocol whom it speaks
 * for, and is believed. From anywhere else nobody is.
 *
 * @param blocks where they are; empty for nowhere
 */
public record TrustedBalancers(List<AddressBlock> blocks) {
    public TrustedBalancers {
        blocks = List.copyOf(blocks);
    }

    static TrustedBalancers parse(ConfigNode node) {
        return new TrustedBalancers(node.values("trusted-balancers", AddressBlock.syntax()));
    }

    /** Whether one of them is at that address. */
    public boolean contains(InetAddress peer) {
        return blocks.stream().anyMatch(block -> block.contains(peer));
    }
}
