//! How companies want their workflows. Those that nobody changed have no item.

use std::collections::BTreeMap;

use domain::{
    business::{Choice, Workflow, WorkflowName},
    failure::StoreFailure,
    ids::{ChannelId, TemplateId, TenantId},
    ports::{AuditEntry, Saved, Workflows},
};
use serde::{Deserialize, Serialize};

use crate::{
    Store, audit,
    shape::{Id, Row, number},
    table::Read,
    write::{Transacted, Write},
};

#[derive(Serialize, Deserialize)]
struct WorkflowItem {
    enabled: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    channel: Option<Id>,
    template: ChoiceItem,
    days: u16,
    v: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ChoiceItem {
    Standard,
    Own(Id),
    Provider {
        name: String,
        language: String,
        header: Vec<String>,
        body: Vec<String>,
        defaults: BTreeMap<String, String>,
    },
}

impl From<&Choice> for ChoiceItem {
    fn from(choice: &Choice) -> Self {
        match choice {
            Choice::Standard => Self::Standard,
            Choice::Own(id) => Self::Own(Id(id.uuid())),
            Choice::Provider {
                name,
                language,
                header,
                body,
                defaults,
            } => Self::Provider {
                name: name.clone(),
                language: language.clone(),
                header: header.clone(),
                body: body.clone(),
                defaults: defaults.clone(),
            },
        }
    }
}

impl From<ChoiceItem> for Choice {
    fn from(item: ChoiceItem) -> Self {
        match item {
            ChoiceItem::Standard => Self::Standard,
            ChoiceItem::Own(Id(id)) => Self::Own(TemplateId::from_uuid(id)),
            ChoiceItem::Provider {
                name,
                language,
                header,
                body,
                defaults,
            } => Self::Provider {
                name,
                language,
                header,
                body,
                defaults,
            },
        }
    }
}

impl WorkflowItem {
    fn workflow(self, tenant: TenantId, name: WorkflowName) -> Workflow {
        Workflow {
            tenant,
            name,
            enabled: self.enabled,
            channel: self.channel.map(|Id(id)| ChannelId::from_uuid(id)),
            template: self.template.into(),
            days: self.days,
            version: self.v,
        }
    }
}

impl Workflows for Store {
    async fn workflow(
        &self,
        tenant: TenantId,
        name: WorkflowName,
    ) -> Result<Option<Workflow>, StoreFailure> {
        let table = self.tenant(tenant);
        let key = table.keys().workflow(name);
        let item: Option<WorkflowItem> = table.get("workflow.read", &key, Read::Strong).await?;
        Ok(item.map(|item| item.workflow(tenant, name)))
    }

    async fn save_workflow(
        &self,
        workflow: &mut Workflow,
        entry: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        const OPERATION: &str = "workflow.save";
        let table = self.tenant(workflow.tenant);
        let item = WorkflowItem {
            enabled: workflow.enabled,
            channel: workflow.channel.map(|id| Id(id.uuid())),
            template: ChoiceItem::from(&workflow.template),
            days: workflow.days,
            v: workflow.version.saturating_add(1),
        };
        let write = Write::put(Row::new(
            OPERATION,
            table.keys().workflow(workflow.name),
            &item,
        )?);
        let write = if workflow.version == 0 {
            write.when_new()
        } else {
            write
                .when("v = :seen")
                .value(":seen", number(workflow.version))
        };
        let writes = [write, audit::note(OPERATION, workflow.tenant, entry)?];
        Ok(match table.transact(OPERATION, &writes).await? {
            Transacted::Applied => {
                workflow.version = item.v;
                Saved::Done
            }
            Transacted::Held(_) => Saved::Stale,
        })
    }
}
