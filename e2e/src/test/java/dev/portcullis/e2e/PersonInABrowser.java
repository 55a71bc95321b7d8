package dev.portcullis.e2e;

import java.io.IOException;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Goes through Keycloak's pages as a person does who opened an address: follows redirects, fills in
 * the form for a name and a password, and says yes when asked.
 */
final class PersonInABrowser {
    private static final int STEPS_MAX = 12;
    private static final Pattern FORM = Pattern.compile("<form[^>]*action=\"([^\"]+)\"");
    private static final Pattern HIDDEN =
            Pattern.compile("<input type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]*)\"");

    private final HttpsClient client;
    private final Realm.Person person;

    PersonInABrowser(TestCertificates certificates, Realm.Person person) {
        this.client = new HttpsClient(certificates);
        this.person = person;
    }

    /** Opens the address and goes on until a page asks for nothing more. */
    Answer open(String address) throws IOException {
        var at = URI.create(address);
        var answer = client.get(address).orElseThrow();
        for (int step = 0; step < STEPS_MAX; step++) {
            var location = answer.field("location");
            if (location.isPresent()) {
                at = at.resolve(location.get());
                answer = client.get(at.toString()).orElseThrow();
                continue;
            }
            var form = FORM.matcher(answer.text());
            var fields = fields(answer.text());
            if (!form.find() || fields.isEmpty()) {
                return answer;
            }
            at = at.resolve(form.group(1).replace("&amp;", "&"));
            answer = client.post(at.toString(), fields).orElseThrow();
        }
        throw new AssertionError("no end to the pages (expected: one):\n" + answer);
    }

    private Map<String, String> fields(String page) {
        var fields = new LinkedHashMap<String, String>();
        var hidden = HIDDEN.matcher(page);
        while (hidden.find()) {
            fields.put(hidden.group(1), hidden.group(2));
        }
        if (page.contains("name=\"password\"")) {
            fields.put("username", person.user());
            fields.put("password", person.password());
        } else if (page.contains("name=\"accept\"")) {
            fields.put("accept", "Yes");
        } else {
            fields.clear();
        }
        return fields;
    }
}
