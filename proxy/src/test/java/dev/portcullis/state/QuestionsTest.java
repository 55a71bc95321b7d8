package dev.portcullis.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class QuestionsTest {
    private final StoppedTime time = new StoppedTime();
    private final Map<String, CompletableFuture<Void>> asked = new LinkedHashMap<>();
    private final Questions questions = new Questions(this::ask, time::currentTimeNanos);

    private CompletionStage<?> ask(String key) {
        var answer = new CompletableFuture<Void>();
        asked.put(key, answer);
        return answer;
    }

    /** What was asked since the last time. */
    private List<CompletableFuture<Void>> taken() {
        var all = new ArrayList<>(asked.values());
        asked.clear();
        return all;
    }

    private static void fail(CompletableFuture<Void> question) {
        question.completeExceptionally(new IllegalStateException("away"));
    }

    @Test
    void asManyAsSessions_areAskedABatchAtATimeUntilAllAreAnswered() {
        questions.add(IntStream.range(0, 1201).mapToObj(i -> "k" + i).toList());
        questions.round();
        for (int size : new int[] {500, 500, 201}) {
            questions.round(); // Is under way: changes nothing.
            var batch = taken();
            assertThat(batch).hasSize(size);
            batch.forEach(question -> question.complete(null));
        }
        assertThat(questions.size()).isZero();
        assertThat(asked).isEmpty();
    }

    @Test
    void oneFailedAnswer_asksForNoOtherKeyAgain() {
        questions.add(List.of("a", "b", "c"));
        questions.round();
        fail(asked.remove("b"));
        taken().forEach(question -> question.complete(null));
        questions.round();
        assertThat(asked).as("too early").isEmpty();
        time.advance(Duration.ofMillis(250));
        questions.round();
        assertThat(asked).containsOnlyKeys("b");
    }

    @Test
    void afterEachFailure_thePauseIsLongerUpToEightSeconds() {
        questions.add(List.of("a"));
        for (int millis : new int[] {250, 500, 1000, 2000, 4000, 8000, 8000}) {
            questions.round();
            fail(asked.remove("a"));
            time.advance(Duration.ofMillis(millis).minusNanos(1));
            questions.round();
            assertThat(asked).isEmpty();
            time.advance(Duration.ofNanos(1));
        }
        questions.round();
        asked.remove("a").complete(null);
        questions.add(List.of("a"));
        questions.round();
        fail(asked.remove("a"));
        time.advance(Duration.ofMillis(250));
        questions.round();
        assertThat(asked).as("short again").isNotEmpty();
    }
}
