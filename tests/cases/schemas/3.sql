-- Every table as a server of schema 3 left it: one row each at least. Never edited; a later schema gets a
-- file of its own, with the same story in it (tests/sdk/make_schema.py makes it).
BEGIN TRANSACTION;
CREATE TABLE alarm_history (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        alarm_name TEXT NOT NULL,
        alarm_type TEXT NOT NULL,
        timestamp_ms INTEGER NOT NULL,
        item_type TEXT NOT NULL,
        summary TEXT NOT NULL,
        data TEXT NOT NULL);
INSERT INTO "alarm_history" VALUES(1,'000000000000','us-east-1','alarm','MetricAlarm',1767225600000,'ConfigurationUpdate','Alarm "alarm" created','{"version":"1.0","type":"Create","createdAlarm":{"alarmName":"alarm","alarmArn":"arn:aws:cloudwatch:us-east-1:000000000000:alarm:alarm","actionsEnabled":true,"alarmActions":["arn:aws:sns:us-east-1:000000000000:topic"],"comparisonOperator":"GreaterThanThreshold","dimensions":[{"Name":"a","Value":"b"}],"evaluationPeriods":1,"insufficientDataActions":[],"metricName":"m","namespace":"N","okActions":[],"period":60,"statistic":"Average","threshold":1.0,"stateValue":"INSUFFICIENT_DATA"}}');
INSERT INTO "alarm_history" VALUES(2,'000000000000','us-east-1','alarm','MetricAlarm',1767225660000,'StateUpdate','Alarm updated from INSUFFICIENT_DATA to ALARM','{"version":"1.0","oldState":{"stateValue":"INSUFFICIENT_DATA","stateReason":"Unchecked: Initial alarm creation"},"newState":{"stateValue":"ALARM","stateReason":"Threshold Crossed: 1 datapoint [4.0 (01/01/26 00:00:00)] was greater than the threshold (1.0).","stateReasonData":{"version":"1.0","queryDate":"2026-01-01T00:01:00.000+0000","startDate":"2026-01-01T00:00:00.000+0000","statistic":"Average","period":60,"recentDatapoints":[4.0],"threshold":1.0,"evaluatedDatapoints":[{"timestamp":"2026-01-01T00:00:00.000+0000","sampleCount":1.0,"value":4.0}]}}}');
INSERT INTO "alarm_history" VALUES(3,'000000000000','us-east-1','alarm','MetricAlarm',1767225660000,'Action','Successfully executed action arn:aws:sns:us-east-1:000000000000:topic','{"actionState":"Succeeded","stateUpdateTimestamp":1767225660000,"notificationResource":"arn:aws:sns:us-east-1:000000000000:topic","publishedMessage":"{\"default\":\"{\\\"AlarmName\\\":\\\"alarm\\\",\\\"AlarmDescription\\\":null,\\\"AWSAccountId\\\":\\\"000000000000\\\",\\\"AlarmConfigurationUpdatedTimestamp\\\":\\\"2026-01-01T00:00:00.000+0000\\\",\\\"NewStateValue\\\":\\\"ALARM\\\",\\\"NewStateReason\\\":\\\"Threshold Crossed: 1 datapoint [4.0 (01/01/26 00:00:00)] was greater than the threshold (1.0).\\\",\\\"StateChangeTime\\\":\\\"2026-01-01T00:01:00.000+0000\\\",\\\"Region\\\":\\\"US East (N. Virginia)\\\",\\\"AlarmArn\\\":\\\"arn:aws:cloudwatch:us-east-1:000000000000:alarm:alarm\\\",\\\"OldStateValue\\\":\\\"INSUFFICIENT_DATA\\\",\\\"OKActions\\\":[],\\\"AlarmActions\\\":[\\\"arn:aws:sns:us-east-1:000000000000:topic\\\"],\\\"InsufficientDataActions\\\":[],\\\"ActionExecutedAfterMuteWindow\\\":false,\\\"Trigger\\\":{\\\"MetricName\\\":\\\"m\\\",\\\"Namespace\\\":\\\"N\\\",\\\"StatisticType\\\":\\\"Statistic\\\",\\\"Statistic\\\":\\\"AVERAGE\\\",\\\"Unit\\\":null,\\\"Dimensions\\\":[{\\\"value\\\":\\\"b\\\",\\\"name\\\":\\\"a\\\"}],\\\"Period\\\":60,\\\"EvaluationPeriods\\\":1,\\\"ComparisonOperator\\\":\\\"GreaterThanThreshold\\\",\\\"Threshold\\\":1.0,\\\"TreatMissingData\\\":\\\"\\\",\\\"EvaluateLowSampleCountPercentile\\\":\\\"\\\"}}\",\"sms\":\"ALARM: \\\"alarm\\\" in US East (N. Virginia)\"}","error":null}');
CREATE TABLE clock_setting (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            mode TEXT NOT NULL,        -- real, frozen, scaled
            now_ms INTEGER NOT NULL,   -- the reading when it was saved
            wall_ms INTEGER NOT NULL,  -- the wall clock then
            speed REAL NOT NULL
        );
INSERT INTO "clock_setting" VALUES(1,'frozen',1767225660000,1796057839182,0.0);
CREATE TABLE cloudwatch_tag (
        account TEXT NOT NULL,
        arn TEXT NOT NULL,
        key TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (account, arn, key)) WITHOUT ROWID;
INSERT INTO "cloudwatch_tag" VALUES('000000000000','arn:aws:cloudwatch:us-east-1:000000000000:alarm:alarm','k','v');
CREATE TABLE dashboard (
        account TEXT NOT NULL,
        name TEXT NOT NULL,
        body TEXT NOT NULL,
        last_modified_ms INTEGER NOT NULL,
        PRIMARY KEY (account, name)) WITHOUT ROWID;
INSERT INTO "dashboard" VALUES('000000000000','main','{"widgets":[]}',1767225600000);
CREATE TABLE delivery (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        time_ms INTEGER NOT NULL,
        source TEXT NOT NULL,
        protocol TEXT NOT NULL,
        target TEXT NOT NULL,
        topic TEXT NOT NULL,
        status TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        http_status INTEGER NOT NULL,
        error TEXT NOT NULL,
        next_attempt_ms INTEGER,
        url TEXT NOT NULL,
        headers TEXT NOT NULL,
        retry_waits TEXT NOT NULL,
        dead_letter TEXT NOT NULL,
        hops INTEGER NOT NULL,
        payload TEXT NOT NULL
    );
INSERT INTO "delivery" VALUES(1,'000000000000','us-east-1',1767225600000,'sns','http','http://127.0.0.1:9/hook','arn:aws:sns:us-east-1:000000000000:topic','failed',4,0,'cannot connect to 127.0.0.1 port 9: Connection refused',NULL,'http://127.0.0.1:9/hook','[["x-amz-sns-message-type","SubscriptionConfirmation"],["x-amz-sns-message-id","3ec46ef5-cca3-410b-b84c-3dc12d301b63"],["x-amz-sns-topic-arn","arn:aws:sns:us-east-1:000000000000:topic"],["Content-Type","text/plain; charset=UTF-8"],["User-Agent","Amazon Simple Notification Service Agent"],["Accept-Encoding","gzip,deflate"]]','[20000,20000,20000]','',0,'{"Type":"SubscriptionConfirmation","MessageId":"3ec46ef5-cca3-410b-b84c-3dc12d301b63","Token":"3ab18a7514ec235c000dbaffe2b44167b769bfc0f5df2a8ce37f9531a9d1ecca3c33a6f0428f052c7eae9cd3bfc31309b51bc72b8dbffee361f4c1be77f08fb8886f4dea5888b47f385d3e639f680c18aa79c4d605a4d6bead14f8a66a729ec25e1165eee2eb68d005ac4717f56c15a8ca7b453e8fd0b0a5f1e80b86e93b92346dbd3e970c46fe45267fcbf402210600","TopicArn":"arn:aws:sns:us-east-1:000000000000:topic","Message":"You have chosen to subscribe to the topic arn:aws:sns:us-east-1:000000000000:topic.\nTo confirm the subscription, visit the SubscribeURL included in this message.","SubscribeURL":"http://127.0.0.1:41597/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:us-east-1:000000000000:topic&Token=3ab18a7514ec235c000dbaffe2b44167b769bfc0f5df2a8ce37f9531a9d1ecca3c33a6f0428f052c7eae9cd3bfc31309b51bc72b8dbffee361f4c1be77f08fb8886f4dea5888b47f385d3e639f680c18aa79c4d605a4d6bead14f8a66a729ec25e1165eee2eb68d005ac4717f56c15a8ca7b453e8fd0b0a5f1e80b86e93b92346dbd3e970c46fe45267fcbf402210600","Timestamp":"2026-01-01T00:00:00.000Z","SignatureVersion":"1","Signature":"AHt7udUFrzz/GaE8tfVYB5m7K7g8r1DGbJSz1fU+Q0LFI2T2xlBDJR0A7xp1tPqnBodMKFs5Nsp+Hriow8deO4OjfrBSIqQrm6zOQcXc84eRWHE+2RTfRau3ORsRoRDBpZRYKdBwKygS9DNXLisX3FhmZUvgcz54GokTacNBEE73N8mguTQjf/ypvMuOmMxyP79+yhNdbcEIJMcMMJM7uFC9iEAarzmCdyS79LDSHF1Sf9lWhwKN50kE153DQg80Ozp6tc7uLgB0SbxYzeGdQPm3uKecsHYvnYVK8KaqGQrTTKy/GmKfqUxoetxaKy8S+6HGD0EWNgkB1q8O/cyFpA==","SigningCertURL":"http://127.0.0.1:41597/SimpleNotificationService-rockwatch.pem"}');
INSERT INTO "delivery" VALUES(2,'000000000000','us-east-1',1767225660000,'alarm','http','http://127.0.0.1:9/hook','arn:aws:sns:us-east-1:000000000000:topic','pending',1,0,'cannot connect to 127.0.0.1 port 9: Connection refused',1767225680000,'http://127.0.0.1:9/hook','[["x-amz-sns-message-type","Notification"],["x-amz-sns-message-id","43da73af-d9c5-45dd-9a47-ef09424ec043"],["x-amz-sns-topic-arn","arn:aws:sns:us-east-1:000000000000:topic"],["x-amz-sns-subscription-arn","arn:aws:sns:us-east-1:000000000000:topic:7547a68c-fdd0-4144-8e62-40030eecc15b"],["Content-Type","text/plain; charset=UTF-8"],["User-Agent","Amazon Simple Notification Service Agent"],["Accept-Encoding","gzip,deflate"]]','[20000,20000,20000]','',0,'{"Type":"Notification","MessageId":"43da73af-d9c5-45dd-9a47-ef09424ec043","TopicArn":"arn:aws:sns:us-east-1:000000000000:topic","Subject":"ALARM: \"alarm\" in US East (N. Virginia)","Message":"{\"AlarmName\":\"alarm\",\"AlarmDescription\":null,\"AWSAccountId\":\"000000000000\",\"AlarmConfigurationUpdatedTimestamp\":\"2026-01-01T00:00:00.000+0000\",\"NewStateValue\":\"ALARM\",\"NewStateReason\":\"Threshold Crossed: 1 datapoint [4.0 (01/01/26 00:00:00)] was greater than the threshold (1.0).\",\"StateChangeTime\":\"2026-01-01T00:01:00.000+0000\",\"Region\":\"US East (N. Virginia)\",\"AlarmArn\":\"arn:aws:cloudwatch:us-east-1:000000000000:alarm:alarm\",\"OldStateValue\":\"INSUFFICIENT_DATA\",\"OKActions\":[],\"AlarmActions\":[\"arn:aws:sns:us-east-1:000000000000:topic\"],\"InsufficientDataActions\":[],\"ActionExecutedAfterMuteWindow\":false,\"Trigger\":{\"MetricName\":\"m\",\"Namespace\":\"N\",\"StatisticType\":\"Statistic\",\"Statistic\":\"AVERAGE\",\"Unit\":null,\"Dimensions\":[{\"value\":\"b\",\"name\":\"a\"}],\"Period\":60,\"EvaluationPeriods\":1,\"ComparisonOperator\":\"GreaterThanThreshold\",\"Threshold\":1.0,\"TreatMissingData\":\"\",\"EvaluateLowSampleCountPercentile\":\"\"}}","Timestamp":"2026-01-01T00:01:00.000Z","SignatureVersion":"1","Signature":"cC2I1VSZPdYRNGg4KhVvq4WLmqcccZouzqgviZLe3ATXA7lR58DB4W+OXsUVy1/dHVAinNwqLsw5bXeLer2r1X/ctHmTTUQGLLyIV+hZkloo0uT/ZDZSuutOSNFq2bhWjIm2J+VjMDELcxIKUocrHQnDAs9vqdNOeUOiFUfUr7xdfYliYSwWSa72gokruEhRB80yZs7/4LexJOsjqLle/+NT0ykxidu79uOTjY3TG8M/2EU0Vwu3uUHsXHdEK0uTfR4OTsmBcx+q992xrLLAlaVMgOAY7vsHSMpdR2rwfhpP37vQzNpJDgR4o5HO1Czk6cgm0svy7d4K1x2dbUk8qg==","SigningCertURL":"http://127.0.0.1:41597/SimpleNotificationService-rockwatch.pem","UnsubscribeURL":"http://127.0.0.1:41597/?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:us-east-1:000000000000:topic:7547a68c-fdd0-4144-8e62-40030eecc15b"}');
CREATE TABLE iam_attached_policy (
            account    TEXT NOT NULL,
            role_name  TEXT NOT NULL,
            policy_arn TEXT NOT NULL,
            PRIMARY KEY (account, role_name, policy_arn)
        ) WITHOUT ROWID;
INSERT INTO "iam_attached_policy" VALUES('000000000000','role','arn:aws:iam::000000000000:policy/managed');
CREATE TABLE iam_policy (
            account     TEXT NOT NULL,
            name        TEXT NOT NULL,
            path        TEXT NOT NULL,
            policy_id   TEXT NOT NULL,
            created_at  INTEGER NOT NULL,
            document    TEXT NOT NULL,
            description TEXT,
            PRIMARY KEY (account, name)
        ) WITHOUT ROWID;
INSERT INTO "iam_policy" VALUES('000000000000','managed','/','ANPAEH2W5XYWL7YTM7Y1T',1767225600000,'{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}]}',NULL);
CREATE TABLE iam_role (
            account             TEXT NOT NULL,
            name                TEXT NOT NULL,
            path                TEXT NOT NULL,
            role_id             TEXT NOT NULL,
            created_at          INTEGER NOT NULL,
            trust_policy        TEXT NOT NULL,
            description         TEXT,
            max_session_seconds INTEGER NOT NULL,
            PRIMARY KEY (account, name)
        ) WITHOUT ROWID;
INSERT INTO "iam_role" VALUES('000000000000','role','/','AROAGIQX7A9W4OSKL250E',1767225600000,'{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "bedrock.amazonaws.com", "AWS": "arn:aws:iam::000000000000:root"}, "Action": "sts:AssumeRole"}]}',NULL,3600);
CREATE TABLE iam_role_policy (
            account   TEXT NOT NULL,
            role_name TEXT NOT NULL,
            name      TEXT NOT NULL,
            document  TEXT NOT NULL,
            PRIMARY KEY (account, role_name, name)
        ) WITHOUT ROWID;
INSERT INTO "iam_role_policy" VALUES('000000000000','role','inline','{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}]}');
CREATE TABLE iam_tag (
            arn   TEXT NOT NULL,
            key   TEXT NOT NULL,
            value TEXT NOT NULL,
            PRIMARY KEY (arn, key)
        ) WITHOUT ROWID;
INSERT INTO "iam_tag" VALUES('arn:aws:iam::000000000000:role/role','k','v');
CREATE TABLE log_event (
        id INTEGER PRIMARY KEY,
        group_id INTEGER NOT NULL,
        stream_id INTEGER NOT NULL,
        timestamp INTEGER NOT NULL,
        ingestion_time INTEGER NOT NULL,
        message TEXT NOT NULL
    );
INSERT INTO "log_event" VALUES(1,1,1,1767225600000,1767225600000,'first');
INSERT INTO "log_event" VALUES(2,1,1,1767225600001,1767225600000,'second é');
INSERT INTO "log_event" VALUES(3,1,2,1767225600000,1767225600000,'Permissions are correctly set for Amazon Bedrock logs.');
CREATE TABLE log_event_floor (id INTEGER PRIMARY KEY CHECK (id = 1), highest_deleted INTEGER NOT NULL);
INSERT INTO "log_event_floor" VALUES(1,0);
CREATE TABLE log_group (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        name TEXT NOT NULL,
        creation_time INTEGER NOT NULL,
        class TEXT NOT NULL,
        retention_days INTEGER,
        kms_key_id TEXT,
        deletion_protection INTEGER NOT NULL,
        UNIQUE (account, region, name)
    );
INSERT INTO "log_group" VALUES(1,'000000000000','us-east-1','group',1767225600000,'STANDARD',30,NULL,0);
CREATE TABLE log_group_tag (
        group_id INTEGER NOT NULL,
        key TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (group_id, key)
    ) WITHOUT ROWID;
INSERT INTO "log_group_tag" VALUES(1,'team','a');
CREATE TABLE log_stream (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        group_id INTEGER NOT NULL,
        name TEXT NOT NULL,
        creation_time INTEGER NOT NULL,
        first_event_time INTEGER,
        last_event_time INTEGER,
        last_ingestion_time INTEGER,
        stored_bytes INTEGER NOT NULL DEFAULT 0,
        entity TEXT,
        UNIQUE (group_id, name)
    );
INSERT INTO "log_stream" VALUES(1,1,'stream',1767225600000,1767225600000,1767225600001,1767225600000,66,NULL);
INSERT INTO "log_stream" VALUES(2,1,'aws/bedrock/modelinvocations',1767225600000,1767225600000,1767225600000,1767225600000,80,NULL);
CREATE TABLE metric_alarm (
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        name TEXT NOT NULL,
        configuration TEXT NOT NULL,
        configuration_updated_ms INTEGER NOT NULL,
        state TEXT NOT NULL,
        state_reason TEXT NOT NULL,
        state_reason_data TEXT,
        state_updated_ms INTEGER NOT NULL,
        state_transitioned_ms INTEGER NOT NULL,
        PRIMARY KEY (account, region, name)) WITHOUT ROWID;
INSERT INTO "metric_alarm" VALUES('000000000000','us-east-1','alarm','{"ActionsEnabled":true,"AlarmActions":["arn:aws:sns:us-east-1:000000000000:topic"],"ComparisonOperator":"GreaterThanThreshold","Dimensions":[{"Name":"a","Value":"b"}],"EvaluationPeriods":1,"InsufficientDataActions":[],"MetricName":"m","Namespace":"N","OKActions":[],"Period":60,"Statistic":"Average","Threshold":1.0}',1767225600000,'ALARM','Threshold Crossed: 1 datapoint [4.0 (01/01/26 00:00:00)] was greater than the threshold (1.0).','{"version":"1.0","queryDate":"2026-01-01T00:01:00.000+0000","startDate":"2026-01-01T00:00:00.000+0000","statistic":"Average","period":60,"recentDatapoints":[4.0],"threshold":1.0,"evaluatedDatapoints":[{"timestamp":"2026-01-01T00:00:00.000+0000","sampleCount":1.0,"value":4.0}]}',1767225660000,1767225660000);
CREATE TABLE metric_sample (
        series_id INTEGER NOT NULL,
        start_ms INTEGER NOT NULL,
        value REAL NOT NULL,
        weight REAL NOT NULL,
        PRIMARY KEY (series_id, start_ms, value)) WITHOUT ROWID;
INSERT INTO "metric_sample" VALUES(1,1767225600000,4.0,1.0);
CREATE TABLE metric_series (
        id INTEGER PRIMARY KEY,
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        namespace TEXT NOT NULL,
        metric_name TEXT NOT NULL,
        dimensions TEXT NOT NULL,
        unit TEXT NOT NULL,
        UNIQUE (account, region, namespace, metric_name, dimensions, unit));
INSERT INTO "metric_series" VALUES(1,'000000000000','us-east-1','N','m','[{"Name":"a","Value":"b"}]','None');
INSERT INTO "metric_series" VALUES(2,'000000000000','us-east-1','N','sums','[]','None');
CREATE TABLE metric_statistic_set (
        id INTEGER PRIMARY KEY,
        series_id INTEGER NOT NULL,
        start_ms INTEGER NOT NULL,
        sample_count REAL NOT NULL,
        sum REAL NOT NULL,
        minimum REAL NOT NULL,
        maximum REAL NOT NULL);
INSERT INTO "metric_statistic_set" VALUES(1,2,1767225600000,2.0,10.0,4.0,6.0);
CREATE TABLE model_invocation_logging (
            account         TEXT NOT NULL,
            region          TEXT NOT NULL,
            log_group       TEXT NOT NULL,
            role_arn        TEXT NOT NULL,
            text_enabled      INTEGER NOT NULL,
            image_enabled     INTEGER NOT NULL,
            embedding_enabled INTEGER NOT NULL,
            video_enabled     INTEGER NOT NULL,
            audio_enabled     INTEGER NOT NULL,
            PRIMARY KEY (account, region)
        ) WITHOUT ROWID;
INSERT INTO "model_invocation_logging" VALUES('000000000000','us-east-1','group','arn:aws:iam::000000000000:role/role',1,1,1,1,1);
CREATE TABLE quota (
            position INTEGER PRIMARY KEY, -- in the order in which they were given
            document TEXT NOT NULL        -- the quota as JSON
        );
INSERT INTO "quota" VALUES(1,'{"modelId":"kept.*","requestsPerMinute":60}');
CREATE TABLE rule (
            id TEXT PRIMARY KEY,
            position INTEGER NOT NULL UNIQUE, -- matching order: the highest first
            from_start INTEGER NOT NULL,      -- 1: came from --rules
            document TEXT NOT NULL            -- the rule as JSON
        );
INSERT INTO "rule" VALUES('kept',1,0,'{"id":"kept","latency":5}');
CREATE TABLE schema_version (owner TEXT PRIMARY KEY, number INTEGER NOT NULL);
INSERT INTO "schema_version" VALUES('world',1);
INSERT INTO "schema_version" VALUES('starts',1);
INSERT INTO "schema_version" VALUES('rules',2);
INSERT INTO "schema_version" VALUES('deliveries',1);
INSERT INTO "schema_version" VALUES('iam',1);
INSERT INTO "schema_version" VALUES('sts',1);
INSERT INTO "schema_version" VALUES('sqs',1);
INSERT INTO "schema_version" VALUES('sns',1);
INSERT INTO "schema_version" VALUES('cloudwatch',1);
INSERT INTO "schema_version" VALUES('logs',1);
INSERT INTO "schema_version" VALUES('bedrock',1);
INSERT INTO "schema_version" VALUES('views',1);
CREATE TABLE sns_subscription (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        topic TEXT NOT NULL,
        id TEXT NOT NULL,
        owner_account TEXT NOT NULL,
        protocol TEXT NOT NULL,
        endpoint TEXT NOT NULL,
        state TEXT NOT NULL,
        authenticated INTEGER NOT NULL,
        locked INTEGER NOT NULL,
        token TEXT NOT NULL,
        token_expires_ms INTEGER NOT NULL,
        attributes TEXT NOT NULL
    );
INSERT INTO "sns_subscription" VALUES(1,'000000000000','us-east-1','topic','7547a68c-fdd0-4144-8e62-40030eecc15b','000000000000','http','http://127.0.0.1:9/hook','confirmed',0,0,'3ab18a7514ec235c000dbaffe2b44167b769bfc0f5df2a8ce37f9531a9d1ecca3c33a6f0428f052c7eae9cd3bfc31309b51bc72b8dbffee361f4c1be77f08fb8886f4dea5888b47f385d3e639f680c18aa79c4d605a4d6bead14f8a66a729ec25e1165eee2eb68d005ac4717f56c15a8ca7b453e8fd0b0a5f1e80b86e93b92346dbd3e970c46fe45267fcbf402210600',1767484800000,'{}');
CREATE TABLE sns_topic (
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        name TEXT NOT NULL,
        attributes TEXT NOT NULL,
        tags TEXT NOT NULL,
        deleted_subscriptions INTEGER NOT NULL,
        PRIMARY KEY (account, region, name)
    ) WITHOUT ROWID;
INSERT INTO "sns_topic" VALUES('000000000000','us-east-1','topic','{}','{}',0);
CREATE TABLE sqs_message (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        queue TEXT NOT NULL,
        message_id TEXT NOT NULL,
        body TEXT NOT NULL,
        attributes TEXT NOT NULL,
        system_attributes TEXT NOT NULL,
        sender_id TEXT NOT NULL,
        group_id TEXT NOT NULL,
        sent_ms INTEGER NOT NULL,
        visible_ms INTEGER NOT NULL,
        receive_count INTEGER NOT NULL,
        first_received_ms INTEGER,
        dead_letter_source TEXT NOT NULL,
        receipt_nonce TEXT NOT NULL
    );
INSERT INTO "sqs_message" VALUES(1,'000000000000','us-east-1','queue','797efaca-4dbd-47e3-851a-c15e436fcbe8','body','{}','{}','000000000000','',1767225600000,1767225600000,0,NULL,'','');
CREATE TABLE sqs_queue (
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        name TEXT NOT NULL,
        attributes TEXT NOT NULL,
        tags TEXT NOT NULL,
        created_ms INTEGER NOT NULL,
        modified_ms INTEGER NOT NULL,
        purged_ms INTEGER,
        PRIMARY KEY (account, region, name)
    ) WITHOUT ROWID;
INSERT INTO "sqs_queue" VALUES('000000000000','us-east-1','queue','{}','{}',1767225600000,1767225600000,NULL);
CREATE TABLE start_count (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            starts INTEGER NOT NULL
        );
INSERT INTO "start_count" VALUES(1,1);
CREATE TABLE sts_session (
            access_key    TEXT NOT NULL PRIMARY KEY,
            secret_key    TEXT NOT NULL,
            session_token TEXT NOT NULL,
            account       TEXT NOT NULL,
            principal_arn TEXT NOT NULL,
            user_id       TEXT NOT NULL,
            expires_at    INTEGER NOT NULL
        ) WITHOUT ROWID;
INSERT INTO "sts_session" VALUES('ASIA6DLALG1ZNTEZPIT4','wuiZuibgrNbZvmND3AIFfAtrwGPyYRhG63d9QZop','Hq37mzHy/E17tC3eYIAftIgyrPXIXf+qjGVrwBJbAg4wuDw2pY6jnswpjjrCHa+NqtLDX3oYBTlb8G8ARP7jD7aX6jw6QwqA4S812jnvcUyX4oTzbjw3P+zHikMZW2eNdAjbMiH7Ta14YWKtQRHHPQXflxMbgDhJaWhU3skBCkuhNHPYDMgYjZNhOn3/xZhhqawqeaJIuq2XUeDNQNun+YdLJwuowyYqcS+65jZCMwat7oVpLzg+mlLntee7AsVItleiqd3HiRAx1Oykt51WUlKtRfBb9jZ8ID0gJ92RMlCXLgtWTE4ifBYmJVv2cx2mjBnlcYoO1TVsFISqbidccx4uWmztync+8P+i','000000000000','arn:aws:sts::000000000000:assumed-role/role/session','AROAGIQX7A9W4OSKL250E:session',1767229200000);
CREATE INDEX delivery_pending ON delivery (target) WHERE status = 'pending';
CREATE UNIQUE INDEX iam_role_name_ignoring_case ON iam_role (account, name COLLATE NOCASE);
CREATE UNIQUE INDEX iam_policy_name_ignoring_case ON iam_policy (account, name COLLATE NOCASE);
CREATE INDEX sqs_message_queue ON sqs_message (account, region, queue);
CREATE UNIQUE INDEX sns_subscription_id ON sns_subscription (account, region, topic, id);
CREATE UNIQUE INDEX sns_subscription_endpoint ON sns_subscription (account, region, topic, protocol, endpoint);
CREATE INDEX metric_statistic_set_by_time ON metric_statistic_set (series_id, start_ms);
CREATE VIEW metric_samples AS
        SELECT s.account, s.region, s.namespace, s.metric_name, s.dimensions, s.unit,
               strftime('%Y-%m-%dT%H:%M:%SZ', p.start_ms / 1000, 'unixepoch') AS time, p.value, p.weight
        FROM metric_sample p JOIN metric_series s ON s.id = p.series_id;
CREATE INDEX alarm_history_by_alarm ON alarm_history (account, region, alarm_name, timestamp_ms, id);
CREATE INDEX alarm_history_by_time ON alarm_history (account, region, timestamp_ms, id);
CREATE INDEX log_group_with_retention ON log_group (retention_days) WHERE retention_days IS NOT NULL;
CREATE INDEX log_event_by_stream ON log_event (stream_id, timestamp);
CREATE INDEX log_event_by_group ON log_event (group_id, timestamp);
CREATE VIEW log_events AS
        SELECT g.account, g.region, g.name AS log_group, s.name AS log_stream,
               strftime('%Y-%m-%dT%H:%M:%fZ', e.timestamp / 1000.0, 'unixepoch') AS time,
               strftime('%Y-%m-%dT%H:%M:%fZ', e.ingestion_time / 1000.0, 'unixepoch') AS ingestion_time,
               e.message
        FROM log_event e JOIN log_stream s ON s.id = e.stream_id JOIN log_group g ON g.id = e.group_id;
CREATE VIEW invocations AS
            SELECT time,
                   account,
                   region,
                   log_group,
                   json_extract(message, '$.requestId') AS request_id,
                   json_extract(message, '$.operation') AS operation,
                   json_extract(message, '$.modelId') AS model_id,
                   json_extract(message, '$.errorCode') AS error_code,
                   json_extract(message, '$.output.outputBodyJson.metrics.latencyMs') AS latency_ms,
                   json_extract(message, '$.input.inputTokenCount') AS input_tokens,
                   json_extract(message, '$.output.outputTokenCount') AS output_tokens,
                   message AS record
            FROM log_events
            WHERE log_stream = 'aws/bedrock/modelinvocations'
                  AND CASE WHEN json_valid(message) THEN json_extract(message, '$.schemaType') END = 'ModelInvocationLog';
CREATE VIEW alarms AS
            SELECT account, region, name, state,
                   strftime('%Y-%m-%dT%H:%M:%fZ', state_transitioned_ms / 1000.0, 'unixepoch') AS state_since,
                   state_reason, configuration
            FROM metric_alarm;
CREATE VIEW deliveries AS
            SELECT id, strftime('%Y-%m-%dT%H:%M:%fZ', time_ms / 1000.0, 'unixepoch') AS time,
                   account, region, source, protocol, target, topic, status, attempts, error, payload
            FROM delivery;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('log_group',1);
INSERT INTO "sqlite_sequence" VALUES('log_stream',2);
INSERT INTO "sqlite_sequence" VALUES('sqs_message',1);
INSERT INTO "sqlite_sequence" VALUES('sns_subscription',1);
INSERT INTO "sqlite_sequence" VALUES('delivery',2);
INSERT INTO "sqlite_sequence" VALUES('alarm_history',3);
COMMIT;
