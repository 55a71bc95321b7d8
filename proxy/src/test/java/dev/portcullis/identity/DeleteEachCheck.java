package dev.portcullis.identity;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.sun.source.util.JavacTask;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.StringWriter;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.slf4j.LoggerFactory;

/**
 * Shows that no check of the token validator is idle: deletes one at a time, compiles that class,
 * and counts the rows of {@code tokens/flaws.txt} that turn red. What a check is, {@link
 * CheckFinder} says; those that are no condition stand in {@code tokens/deletions.txt}. All in one
 * Java, each in a class loader of its own. Run it by {@code .build/delete-each-check}.
 */
final class DeleteEachCheck {
    /** Everything between the header field and the principal, but for where keys come from. */
    private static final List<String> CLASSES =
            List.of(
                    "identity/PresentedToken",
                    "identity/CompactForm",
                    "identity/StrictJson",
                    "identity/JsonObject",
                    "identity/UnverifiedJwt",
                    "identity/AccessTokenRules",
                    "identity/TokenTimes",
                    "identity/KeySet",
                    "identity/PublishedKey",
                    "identity/SigningKey",
                    "identity/SignatureAlgorithm",
                    "identity/TokenUser",
                    "access/UserName",
                    "identity/Confirmation",
                    "identity/BearerTokens",
                    "identity/DpopProofs",
                    "identity/ProofKey");

    private final Path sources;
    private final JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    private final StandardJavaFileManager files =
            compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8);
    private final DeletionsByHand byHand = DeletionsByHand.read();
    private final String only;
    private int deleted;
    private int idle;

    /**
     * What came of it.
     *
     * @param letIn how many of the rows were not just refused for another reason
     */
    private record Outcome(boolean compiled, List<String> red, long letIn) {}

    private DeleteEachCheck(Path sources, String only) throws IOException {
        this.sources = sources;
        this.only = only;
    }

    /**
     * Prints a table; ends with 1 if a check can be deleted and nobody notices.
     *
     * @param arguments the folder of the sources, and perhaps a class to look at alone
     */
    public static void main(String[] arguments) throws Exception {
        ((Logger) LoggerFactory.getLogger("dev.portcullis")).setLevel(Level.WARN);
        var only = arguments.length > 1 ? arguments[1] : "";
        System.exit(new DeleteEachCheck(Path.of(arguments[0]), only).run() ? 0 : 1);
    }

    private boolean run() throws Exception {
        var before = rows(Files.createTempDirectory("delete-each-check"));
        if (!before.red().isEmpty()) {
            System.out.println("red before anything is deleted: " + before.red());
            return false;
        }
        for (var name : CLASSES) {
            if (name.endsWith(only)) {
                examine(name);
            }
        }
        System.out.printf("%d checks deleted, %d of them unnoticed%n", deleted, idle);
        return idle == 0;
    }

    private void examine(String name) throws Exception {
        var text = Files.readString(sources.resolve("dev/portcullis/" + name + ".java"));
        var simple = name.substring(name.indexOf('/') + 1);
        var listed = byHand.of(simple, text);
        var all =
                Stream.concat(found(name, simple, text).stream(), listed.stream())
                        .sorted((one, other) -> Integer.compare(one.start(), other.start()))
                        .toList();
        for (var deletion : all) {
            var outcome = outcome(name, deletion.applied(text));
            boolean replaced =
                    !outcome.compiled()
                            && !deletion.byHand()
                            && listed.stream().anyMatch(deletion::overlaps);
            if (!replaced) {
                print(deletion, deletion.line(text), outcome);
            }
        }
    }

    private void print(Deletion deletion, int line, Outcome outcome) {
        var elsewhere = byHand.neededElsewhere(deletion);
        boolean noticed = !outcome.red().isEmpty() || !elsewhere.isEmpty();
        deleted++;
        idle += noticed ? 0 : 1;
        String seen;
        if (!outcome.red().isEmpty()) {
            seen = outcome.red().getFirst();
        } else if (!elsewhere.isEmpty()) {
            seen = elsewhere;
        } else {
            seen = outcome.compiled() ? "nothing notices" : "say in deletions.txt how";
        }
        System.out.printf(
                "%-4s %4d red %4d let in  %-28s %s  (%s)%n",
                noticed ? "ok" : "IDLE",
                outcome.red().size(),
                outcome.letIn(),
                deletion.file() + ".java:" + line,
                deletion.what(),
                seen);
    }

    private List<Deletion> found(String name, String simple, String text) throws IOException {
        var task =
                (JavacTask)
                        compiler.getTask(
                                null, files, null, null, null, List.of(source(name, text)));
        var unit = task.parse().iterator().next();
        var positions = Trees.instance(task).getSourcePositions();
        return new CheckFinder(simple, text, unit, positions).deletions();
    }

    private Outcome outcome(String name, String text) throws Exception {
        var folder = Files.createTempDirectory("delete-each-check");
        var options =
                List.of(
                        "-d",
                        folder.toString(),
                        "-proc:none",
                        "-nowarn",
                        "-classpath",
                        System.getProperty("java.class.path"));
        var task =
                compiler.getTask(
                        new StringWriter(),
                        files,
                        null,
                        options,
                        null,
                        List.of(source(name, text)));
        return task.call() ? rows(folder) : new Outcome(false, List.of(), 0);
    }

    /** Runs the rows with the classes of the folder in place of ours. */
    private static Outcome rows(Path folder) throws Exception {
        try (var loader = new OursAnew(folder)) {
            var test = loader.loadClass("dev.portcullis.identity.TokenFlawsTest");
            var method = test.getDeclaredMethod("red");
            method.setAccessible(true);
            var red = ((List<?>) method.invoke(null)).stream().map(String::valueOf).toList();
            return new Outcome(true, red, red.stream().filter(TokenFlawsTest::isLetIn).count());
        }
    }

    private static JavaFileObject source(String name, String text) {
        return new SimpleJavaFileObject(
                URI.create("string:///dev/portcullis/" + name + ".java"),
                JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreErrors) {
                return text;
            }
        };
    }

    /** Loads our own classes anew, the changed ones first; libraries stay loaded and warm. */
    private static final class OursAnew extends URLClassLoader {
        private OursAnew(Path folder) throws MalformedURLException {
            super(urls(folder), DeleteEachCheck.class.getClassLoader());
        }

        private static URL[] urls(Path folder) throws MalformedURLException {
            var urls = new ArrayList<URL>(List.of(folder.toUri().toURL()));
            for (var entry : Arrays.asList(System.getProperty("java.class.path").split(":"))) {
                if (Files.isDirectory(Path.of(entry))) {
                    urls.add(Path.of(entry).toUri().toURL());
                }
            }
            return urls.toArray(URL[]::new);
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith("dev.portcullis.")) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                var loaded = findLoadedClass(name);
                return loaded == null ? findClass(name) : loaded;
            }
        }
    }
}
