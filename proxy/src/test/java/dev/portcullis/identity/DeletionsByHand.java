package dev.portcullis.identity;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code tokens/deletions.txt} says: how to take out a check that is no condition by itself,
 * and which ones are not for tokens. A text that is not found exactly once in its class is an
 * error, so that the list stays true.
 */
final class DeletionsByHand {
    private record Entry(String file, String what, String out, String with) {
        Deletion in(String text) {
            int start = text.indexOf(out);
            if (start < 0 || text.indexOf(out, start + 1) >= 0) {
                throw new IllegalArgumentException(file + ": " + out + " (expected: exactly once)");
            }
            return new Deletion(file, start, start + out.length(), with, what, true);
        }
    }

    private record Elsewhere(String file, String what, String why) {
        boolean isAbout(Deletion deletion) {
            return file.equals(deletion.file()) && what.equals(deletion.what());
        }
    }

    private final List<Entry> entries = new ArrayList<>();
    private final List<Elsewhere> elsewhere = new ArrayList<>();

    private DeletionsByHand() {}

    static DeletionsByHand read() throws IOException {
        try (var in = DeletionsByHand.class.getResourceAsStream("/tokens/deletions.txt")) {
            if (in == null) {
                throw new IOException("no tokens/deletions.txt");
            }
            var read = new DeletionsByHand();
            for (var block :
                    new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n\\s*\n", -1)) {
                read.add(block.lines().filter(line -> !line.startsWith("#")).toList());
            }
            return read;
        }
    }

    private void add(List<String> lines) {
        if (lines.isEmpty()) {
            return;
        }
        var head = lines.getFirst().split(": ", 2);
        switch (head[0].charAt(0)) {
            case '@' ->
                    entries.add(
                            new Entry(
                                    head[0].substring(2),
                                    head[1],
                                    marked(lines, '-'),
                                    marked(lines, '+')));
            case '!' ->
                    elsewhere.add(new Elsewhere(head[0].substring(2), marked(lines, '-'), head[1]));
            default -> throw new IllegalArgumentException(lines.getFirst());
        }
    }

    private static String marked(List<String> lines, char mark) {
        return String.join(
                "\n",
                lines.stream()
                        .filter(line -> line.charAt(0) == mark)
                        .map(line -> line.length() > 2 ? line.substring(2) : "")
                        .toList());
    }

    List<Deletion> of(String file, String text) {
        return entries.stream()
                .filter(entry -> entry.file().equals(file))
                .map(entry -> entry.in(text))
                .toList();
    }

    /** Who needs the check if no token does; empty for all others. */
    String neededElsewhere(Deletion deletion) {
        return elsewhere.stream()
                .filter(it -> it.isAbout(deletion))
                .map(Elsewhere::why)
                .findFirst()
                .orElse("");
    }
}
