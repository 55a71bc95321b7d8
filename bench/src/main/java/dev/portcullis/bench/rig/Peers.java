package dev.portcullis.bench.rig;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Debian's nginx and HAProxy, set up to do the transport of Portcullis and overwrite headers. */
public final class Peers {
    private final Rig rig;

    /**
     * @param rig what they stand in front of
     */
    public Peers(Rig rig) {
        this.rig = rig;
    }

    /** nginx with one worker. */
    public Subject nginx() throws IOException, InterruptedException {
        int port = Subject.freePort();
        var folder = rig.folder("nginx");
        var file = folder.resolve("nginx.conf");
        Files.writeString(
                file,
                """
                daemon off;
                worker_processes 1;
                worker_rlimit_nofile 20000;
                pid %1$s/nginx.pid;
                error_log stderr error;
                events { worker_connections 19000; }
                http {
                  access_log off;
                  client_body_temp_path %1$s/body;
                  proxy_temp_path %1$s/proxy;
                  fastcgi_temp_path %1$s/fastcgi;
                  uwsgi_temp_path %1$s/uwsgi;
                  scgi_temp_path %1$s/scgi;
                  upstream gateway { server 127.0.0.1:%2$d; keepalive 64; keepalive_requests 100000000; }
                  map $http_upgrade $connection_field { default upgrade; '' ''; }
                  server {
                    listen 127.0.0.1:%3$d ssl backlog=4096;
                    ssl_certificate %4$s;
                    ssl_certificate_key %5$s;
                    ssl_protocols TLSv1.3;
                    ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;
                    ssl_ecdh_curve X25519;
                    ssl_session_tickets on;
                    keepalive_requests 100000000;
                    location / {
                      proxy_pass http://gateway;
                      proxy_http_version 1.1;
                      proxy_max_temp_file_size 0;
                      proxy_read_timeout 1h;
                      proxy_set_header Host $host;
                      proxy_set_header Connection $connection_field;
                      proxy_set_header Upgrade $http_upgrade;
                      proxy_set_header X-Forwarded-For $remote_addr;
                      proxy_set_header X-Forwarded-Proto https;
                      proxy_set_header X-Forwarded-Host $host;
                      proxy_set_header X-Forwarded-User %6$s;
                      proxy_set_header X-OpenClaw-Scopes operator.read;
                    }
                  }
                }
                """
                        .formatted(
                                folder,
                                rig.backend().port(),
                                port,
                                rig.certificates().server(),
                                rig.certificates().serverKey(),
                                Wire.USER));
        return start("nginx", port, folder, List.of("nginx", "-c", file.toString()));
    }

    /**
     * HAProxy with one thread.
     *
     * @param check what a request must pass before it is relayed; empty for nothing
     */
    public Subject haproxy(String name, String check) throws IOException, InterruptedException {
        int port = Subject.freePort();
        var folder = rig.folder(name);
        var pem = folder.resolve("server.pem");
        Files.writeString(
                pem,
                Files.readString(rig.certificates().server())
                        + Files.readString(rig.certificates().serverKey()));
        var file = folder.resolve("haproxy.cfg");
        Files.writeString(
                file,
                """
                global
                  nbthread 1
                  maxconn 9000
                  ssl-default-bind-options ssl-min-ver TLSv1.3
                  ssl-default-bind-ciphersuites TLS_AES_128_GCM_SHA256
                defaults
                  mode http
                  timeout connect 5s
                  timeout client 1h
                  timeout server 1h
                  timeout http-keep-alive 75s
                  option http-keep-alive
                  http-reuse always
                frontend door
                  bind 127.0.0.1:%1$d ssl crt %2$s curves X25519 backlog 4096
                %3$s
                  http-request set-header X-Forwarded-For %%[src]
                  http-request set-header X-Forwarded-Proto https
                  http-request set-header X-Forwarded-Host %4$s
                  http-request set-header X-Forwarded-User %5$s
                  http-request set-header X-OpenClaw-Scopes operator.read
                  default_backend gateway
                backend gateway
                  server gateway 127.0.0.1:%6$d
                """
                        .formatted(
                                port,
                                pem,
                                check.indent(2).stripTrailing(),
                                Wire.HOST,
                                Wire.USER,
                                rig.backend().port()));
        return start(name, port, folder, List.of("haproxy", "-db", "-f", file.toString()));
    }

    /** HAProxy that verifies the bearer token of every request. */
    public Subject haproxyWithTokens(String algorithm, Path key)
            throws IOException, InterruptedException {
        return haproxy(
                "haproxy-" + algorithm,
                """
                http-request set-var(txn.bearer) http_auth_bearer
                http-request set-var(txn.alg) var(txn.bearer),jwt_header_query('$.alg')
                http-request deny deny_status 401 unless { var(txn.alg) -m str %1$s }
                http-request deny deny_status 401 unless { var(txn.bearer),jwt_verify(txn.alg,"%2$s") 1 }
                """
                        .formatted(algorithm, key));
    }

    private Subject start(String name, int port, Path folder, List<String> command)
            throws IOException, InterruptedException {
        return Subject.start(name, rig.proxyCore(), port, folder.resolve("log"), command);
    }
}
