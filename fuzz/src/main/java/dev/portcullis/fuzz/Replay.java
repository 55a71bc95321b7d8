package dev.portcullis.fuzz;

import java.io.ByteArrayOutputStream;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Runs a target in this process on its seeds and on inputs made from them. It learns nothing on its
 * way, as {@link Fuzz} does, and is done in a second: the same seed makes the same inputs.
 */
public final class Replay {
    private static final int CHANGES_MAX = 5;
    private static final byte[] ODD = {
        0, 1, 2, 4, 5, 9, 16, 32, 127, -128, -1, '\r', '\n', ' ', '\t', ':', '%', '/', '0', '_'
    };

    private final MethodHandle target;
    private final List<byte[]> seeds;
    private final int bytesMax;
    private final SplittableRandom random;

    /**
     * @param target the class with the target
     * @param seeds where the inputs begin
     * @param bytesMax of an input
     */
    public Replay(Class<?> target, List<byte[]> seeds, int bytesMax, long randomSeed) {
        this.target = Watched.entryPoint(target);
        this.seeds = List.copyOf(seeds);
        this.bytesMax = bytesMax;
        this.random = new SplittableRandom(randomSeed);
    }

    /** One of a target. */
    public static Replay of(Target target, long randomSeed) {
        try {
            return new Replay(
                    Class.forName(target.className()),
                    target.seeds(),
                    target.bytesMax(),
                    randomSeed);
        } catch (ClassNotFoundException e) {
            throw new IllegalArgumentException(target.className(), e);
        }
    }

    /**
     * Runs every seed, and then so many other inputs.
     *
     * @throws AssertionError if one is a finding; the message has the input
     */
    public void run(int inputs) {
        seeds.forEach(this::one);
        for (int i = 0; i < inputs; i++) {
            one(next());
        }
    }

    private void one(byte[] input) {
        try {
            target.invokeExact(input);
        } catch (Throwable finding) {
            throw new AssertionError("input: " + text(input), finding);
        }
    }

    private byte[] next() {
        var input = any();
        for (int changes = 1 + random.nextInt(CHANGES_MAX); changes > 0; changes--) {
            input = changed(input);
        }
        return input.length <= bytesMax ? input : Arrays.copyOf(input, bytesMax);
    }

    private byte[] any() {
        return seeds.get(random.nextInt(seeds.size()));
    }

    private byte[] changed(byte[] input) {
        int from = random.nextInt(input.length + 1);
        int to = Math.min(input.length, from + random.nextInt(8));
        return switch (random.nextInt(7)) {
            case 0 -> joined(input, from, new byte[] {odd()}, from); // one more
            case 1 -> joined(input, from, new byte[] {odd()}, to); // one for some
            case 2 -> joined(input, from, new byte[0], to); // some gone
            case 3 -> joined(input, to, input, from); // all from there once more
            case 4 -> joined(input, from, any(), input.length); // another end
            case 5 -> joined(input, from, any(), from); // another one within
            default -> flipped(input, from);
        };
    }

    private byte odd() {
        return random.nextBoolean() ? ODD[random.nextInt(ODD.length)] : (byte) random.nextInt();
    }

    private byte[] flipped(byte[] input, int at) {
        var copy = input.clone();
        if (at < copy.length) {
            copy[at] ^= (byte) (1 << random.nextInt(Byte.SIZE));
        }
        return copy;
    }

    private static byte[] joined(byte[] input, int head, byte[] middle, int tail) {
        var out = new ByteArrayOutputStream(input.length + middle.length);
        out.write(input, 0, head);
        out.writeBytes(middle);
        out.write(input, tail, input.length - tail);
        return out.toByteArray();
    }

    /** As a line of a seed file. */
    private static String text(byte[] input) {
        var text = new StringBuilder();
        for (char c : new String(input, StandardCharsets.ISO_8859_1).toCharArray()) {
            boolean plain = c >= ' ' && c < 0x7F && c != '\\';
            text.append(plain ? String.valueOf(c) : "\\%03o".formatted((int) c));
        }
        return text.toString();
    }
}
