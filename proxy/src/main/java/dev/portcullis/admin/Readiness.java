package dev.portcullis.admin;

import dev.portcullis.admin.HealthCheck.Health;
import dev.portcullis.audit.JsonText;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JsonGenerator;

/**
 * Every component and how it was when asked.
 *
 * @param components in the order they were given
 */
record Readiness(List<Component> components) {
    private static final Logger LOG = LoggerFactory.getLogger(Readiness.class);
    private static final int DETAIL_MAX = 300;

    /** One component, asked once. */
    record Component(String name, Health health) {}

    static Readiness of(List<HealthCheck> checks) {
        var components = new ArrayList<Component>(checks.size());
        for (var check : checks) {
            components.add(new Component(check.component(), ask(check)));
        }
        return new Readiness(List.copyOf(components));
    }

    /** Whether all of them work. */
    boolean ready() {
        return components.stream()
                .noneMatch(component -> component.health() instanceof Health.Down);
    }

    /** {@code {"ready":…,"components":[{"name":…,"ready":…,"detail":…}]}}, and a line break. */
    String json() {
        var bytes = new ByteArrayOutputStream();
        try (var json = JsonText.generator(bytes)) {
            json.writeStartObject();
            json.writeBooleanProperty("ready", ready());
            json.writeArrayPropertyStart("components");
            for (var component : components) {
                json.writeStartObject();
                json.writeStringProperty("name", component.name());
                json.writeBooleanProperty("ready", !(component.health() instanceof Health.Down));
                switch (component.health()) {
                    case Health.Up() -> {}
                    case Health.Down(String detail) -> detail(json, detail);
                    case Health.Troubled(String detail) -> detail(json, detail);
                }
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        return bytes.toString(StandardCharsets.US_ASCII) + "\n";
    }

    private static void detail(JsonGenerator json, String detail) {
        json.writeStringProperty("detail", JsonText.capped(detail, DETAIL_MAX));
    }

    private static Health ask(HealthCheck check) {
        try {
            return check.health().get();
        } catch (RuntimeException bug) {
            LOG.atError()
                    .setCause(bug)
                    .addKeyValue("component", check.component())
                    .log("a health check failed");
            return new Health.Down("could not be asked");
        }
    }
}
